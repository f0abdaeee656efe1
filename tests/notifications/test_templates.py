import pytest

from notifications.errors import TemplateInvalid
from notifications.models import Template
from notifications.seed_templates import SEED_TEMPLATES
from notifications.services.seed import seed
from notifications.services.templates import template_preview, template_save
from notifications.templating import TemplateSources
from ogc.actors import SYSTEM, Actor
from ogc.errors import NotFound, PermissionDenied, VersionConflict

pytestmark = pytest.mark.django_db

NAME = "challenges.submission_approved"
NEW = TemplateSources(title="Well done", message="{{ challenge }}!", mail_text="Hi {{ name }}", mail_html="")


def save(**replaced):
    return template_save(**{"actor": SYSTEM, "name": NAME, "version": 1, "sources": NEW, **replaced})


def test_seed_creates_each_template_once_and_keeps_what_was_changed(templates):
    assert Template.objects.count() == len(SEED_TEMPLATES)
    save()
    seed(debug=True)
    assert Template.objects.count() == len(SEED_TEMPLATES) + 1
    assert Template.objects.get(active_name=NAME).title == "Well done"


def test_a_change_is_a_new_version_and_the_old_one_stays(templates):
    saved = save()
    assert (saved.version, saved.active_name, saved.type) == (2, NAME, "submission")
    old = Template.objects.get(name=NAME, version=1)
    assert (old.active_name, old.title) == (None, "Your submission was approved")


def test_a_change_on_an_old_version_is_refused(templates):
    save()
    with pytest.raises(VersionConflict) as refused:
        save()
    assert refused.value.details == {"version": 2}
    assert Template.objects.filter(name=NAME).count() == 2


@pytest.mark.parametrize(
    ("replaced", "error"),
    [
        ({"name": "nobody.knows"}, NotFound),
        (
            {"sources": TemplateSources(title="{{ password }}", message="", mail_text="", mail_html="")},
            TemplateInvalid,
        ),
        (
            {"actor": Actor(kind="user", user_id="u", scopes=frozenset({"self", "admin.read"}))},
            PermissionDenied,
        ),
    ],
)
def test_refused_changes_write_nothing(templates, replaced, error):
    with pytest.raises(error):
        save(**replaced)
    assert Template.objects.count() == len(SEED_TEMPLATES)


@pytest.mark.parametrize("seeded", SEED_TEMPLATES, ids=lambda template: template.name)
def test_every_template_can_be_previewed(templates, seeded):
    message, mail = template_preview(Template.objects.get(active_name=seeded.name))
    assert mail.subject
    assert mail.text
    assert "{{" not in message + mail.subject + mail.text + mail.html
