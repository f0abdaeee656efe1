"""New versions of templates, and what they would look like."""

from notifications.account_templates import SECRET_TEMPLATES
from notifications.models import Template
from notifications.seed_templates import TEMPLATE_VARIABLES
from notifications.templating import RenderedMail, TemplateSources, mail_render, message_render, sources_check
from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound, VersionConflict
from ogc.ports import audit_record


@transactional
def template_save(
    *, actor: Actor, name: str, version: int, sources: TemplateSources, reason: str = ""
) -> Template:
    """Make a new version of a template and use it from now on; queued deliveries keep theirs.

    Args:
        version: the version that the change was made on, which must be the active one.

    Raises:
        PermissionDenied: without `notification.send`.
        NotFound: no template of this name.
        TemplateInvalid: does not compile, or uses unknown names.
        VersionConflict: somebody else saved a newer one.

    Effects: audit record.
    """
    access.require(actor, "notification.template_save", scope="notification.send")
    if name not in TEMPLATE_VARIABLES:
        raise NotFound
    sources_check(sources, TEMPLATE_VARIABLES[name])
    current = Template.objects.filter(active_name=name).first()
    if current is None:
        raise NotFound
    retired = Template.objects.filter(pk=current.pk, active_name=name, version=version)
    if not retired.update(active_name=None):
        raise VersionConflict(version=current.version)
    saved = Template.objects.create(
        name=name,
        version=version + 1,
        active_name=name,
        type=current.type,
        title=sources.title,
        message=sources.message,
        mail_text=sources.mail_text,
        mail_html=sources.mail_html,
    )
    audit_record(
        actor=actor,
        action="notification.template_save",
        target_type="template",
        target_id=saved.public_id,
        before={"name": name, "version": version},
        after={"name": name, "version": saved.version},
        reason=reason,
    )
    return saved


def template_preview(template: Template) -> tuple[str, RenderedMail]:
    """The in-app text and the mail with sample values: each name in angle brackets, no real data."""
    context = {name: f"<{name}>" for name in TEMPLATE_VARIABLES.get(template.name, frozenset())}
    if template.name in SECRET_TEMPLATES:
        context["link"] = f"https://example.org{SECRET_TEMPLATES[template.name]}?token=sample"
    return message_render(template.sources, context), mail_render(template.sources, context)
