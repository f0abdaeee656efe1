"""What notifications needs to exist before the first message."""

from notifications.models import Template
from notifications.seed_templates import SEED_TEMPLATES
from notifications.templating import sources_check
from ogc.db.transactions import transactional


@transactional
def seed(*, debug: bool) -> None:
    """Create the templates that are missing; texts that somebody changed stay as they are.

    Idempotency: by the name of the template.
    """
    existing = set(Template.objects.values_list("name", flat=True))
    for template in SEED_TEMPLATES:
        if template.name in existing:
            continue
        sources_check(template.sources, template.variables)
        Template.objects.create(
            name=template.name,
            active_name=template.name,
            type=template.type,
            title=template.sources.title,
            message=template.sources.message,
            mail_text=template.sources.mail_text,
            mail_html=template.sources.mail_html,
        )


def seed_demo() -> None:
    """Nothing: messages come from what people do."""
