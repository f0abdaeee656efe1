"""What a template that comes with the platform consists of."""

from dataclasses import dataclass

from notifications.constants import NotificationType
from notifications.templating import TemplateSources


@dataclass(frozen=True, slots=True)
class SeedTemplate:
    """One template as it comes with the platform."""

    name: str
    type: NotificationType
    variables: frozenset[str]
    sources: TemplateSources


def html(*paragraphs: str) -> str:
    """The HTML twin of a mail."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'


def plain(
    name: str, kind: NotificationType, title: str, message: str, *paragraphs: str, variables: frozenset[str]
) -> SeedTemplate:
    """A template whose mail is the same paragraphs in text and HTML; `name` is greeted by them."""
    return SeedTemplate(
        name=name,
        type=kind,
        variables=frozenset({"name"}) | variables,
        sources=TemplateSources(
            title=title,
            message=message,
            mail_text="Hello {{ name }},\n\n" + "\n\n".join(paragraphs) + "\n",
            mail_html=html("Hello {{ name }},", *paragraphs),
        ),
    )
