import pytest

from notifications.errors import TemplateInvalid
from notifications.seed_templates import SEED_TEMPLATES
from notifications.templating import TemplateSources, mail_render, message_render, sources_check, title_render

NAMES = frozenset({"name", "link"})


def sources(**parts) -> TemplateSources:
    return TemplateSources(**{"title": "t", "message": "", "mail_text": "x", "mail_html": "", **parts})


@pytest.mark.parametrize("template", SEED_TEMPLATES, ids=lambda template: template.name)
def test_seeded_templates_pass_their_own_check(template):
    sources_check(template.sources, template.variables)


def test_html_is_escaped_and_plain_text_is_not():
    mail = mail_render(
        sources(title="Hi {{ name }}", mail_text="Hi {{ name }}", mail_html="<p>{{ name }}</p>"),
        {"name": '<b>"A&B"</b>'},
    )
    assert mail.text == 'Hi <b>"A&B"</b>'
    assert mail.html == "<p>&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;</p>"
    assert mail.subject == 'Hi <b>"A&B"</b>'


def test_what_is_rendered_is_not_taken_for_safe_html_by_pages_that_show_it():
    mail = mail_render(sources(title="<i>", mail_text="<b>", mail_html="<u>"), {})
    assert [type(text) for text in (mail.subject, mail.text, mail.html)] == [str, str, str]


def test_a_value_is_not_a_template():
    assert (
        message_render(sources(message="{{ name }}"), {"name": "{{ link }}{% if 1 %}"})
        == "{{ link }}{% if 1 %}"
    )


def test_the_subject_stays_on_one_line():
    assert title_render(sources(title="Hi {{ name }}"), {"name": "A\r\nBcc: x@y.z"}) == "Hi A Bcc: x@y.z"


@pytest.mark.parametrize(
    "text",
    [
        "{% load static %}",
        "{% include 'admin/index.html' %}",
        "{% extends 'admin/index.html' %}",
        "{% debug %}",
        "{% autoescape off %}{{ name }}{% endautoescape %}",
        "{% for x in name %}{% endfor %}",
        "{% now 'Y' %}",
        "{{ name|safe }}",
        "{{ name|center:'999999999' }}",
        "{{ name|force_escape|safeseq }}",
        "{{ name.__class__ }}",
        "{{ _name }}",
        "{% if name %}",
        "{{ name",
    ],
)
def test_what_the_sandbox_refuses(text):
    if text == "{{ name":
        assert message_render(sources(message=text), {"name": "x"}) == "{{ name"
        return
    with pytest.raises(TemplateInvalid) as refused:
        sources_check(sources(mail_html=text), NAMES)
    assert refused.value.details["part"] == "mail_html"


def test_unknown_names_are_told_wherever_they_stand():
    with pytest.raises(TemplateInvalid) as refused:
        sources_check(
            sources(message="{% if name %}{{ amount }}{% else %}{{ user.email }}{% endif %}"), NAMES
        )
    assert refused.value.details == {
        "part": "message",
        "reason": "unknown names",
        "names": ["amount", "user"],
    }


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(TemplateInvalid):
        sources_check(sources(mail_text="x" * 20_001), NAMES)


def test_methods_of_values_reach_nothing():
    text = message_render(
        sources(message="[{{ name.upper }}][{{ name.format }}][{{ name.nothing }}]"), {"name": "ab"}
    )
    assert text == "[AB][ab][]"
