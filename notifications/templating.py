"""The sandbox in which notification templates are compiled and rendered.

Templates are written by staff and stored in the database, so they get Django's template language with nothing
of Django in it: the tags and filters of `template_library`, and a context of plain texts. Dunder names are
refused by the language itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import Variable, VariableNode

from notifications.constants import TEMPLATE_SOURCE_MAX_LENGTH, TITLE_MAX_LENGTH
from notifications.errors import TemplateInvalid


class SandboxEngine(Engine):
    """An engine without loaders, libraries and the default built-ins."""

    default_builtins = ["notifications.template_library"]


@dataclass(frozen=True, slots=True)
class TemplateSources:
    """The texts of one template version; `title` is also the subject of the mail."""

    title: str
    message: str
    mail_text: str
    mail_html: str


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """Subject on one line, plain text and its HTML twin (empty: plain text only)."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=1)
def _engine() -> SandboxEngine:
    return SandboxEngine(dirs=[], app_dirs=False, loaders=[], libraries={}, autoescape=True)


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    return Template(source, engine=_engine())


def _rendered(source: str, context: Mapping[str, str], *, html: bool) -> str:
    plain = {name: str(value) for name, value in context.items()}
    text = _compiled(source).render(Context(plain, autoescape=html))
    # Django marks what it renders as safe HTML; added to a plain text it is plain again, and pages escape it.
    return text + ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:TITLE_MAX_LENGTH]


def title_render(sources: TemplateSources, context: Mapping[str, str]) -> str:
    """The title on one line, whatever line breaks a value smuggles in."""
    return _one_line(_rendered(sources.title, context, html=False))


def message_render(sources: TemplateSources, context: Mapping[str, str]) -> str:
    """The text of the in-app row: plain, the client escapes it."""
    return _rendered(sources.message, context, html=False).strip()


def mail_render(sources: TemplateSources, context: Mapping[str, str]) -> RenderedMail:
    """Subject and both bodies; values in the HTML body are escaped."""
    return RenderedMail(
        subject=title_render(sources, context),
        text=_rendered(sources.mail_text, context, html=False),
        html=_rendered(sources.mail_html, context, html=True),
    )


def sources_check(sources: TemplateSources, variables: frozenset[str]) -> None:
    """Compile every text and look for names that no value will be given for.

    Raises:
        TemplateInvalid: too long, does not compile, or uses an unknown name; `details` say which text and
        why.
    """
    for part in ("title", "message", "mail_text", "mail_html"):
        source = getattr(sources, part)
        if len(source) > TEMPLATE_SOURCE_MAX_LENGTH:
            raise TemplateInvalid(part=part, reason="too long")
        try:
            template = Template(source, engine=_engine())
        except TemplateSyntaxError as error:
            raise TemplateInvalid(part=part, reason=str(error)) from error
        unknown = sorted(_names_used(template) - variables)
        if unknown:
            raise TemplateInvalid(part=part, reason="unknown names", names=unknown)


def _names_used(template: Template) -> set[str]:
    """First parts of all variables that are written out anywhere in the template."""
    names = set()
    for node in template.nodelist.get_nodes_by_type(VariableNode):
        variable = node.filter_expression.var  # type: ignore[attr-defined]
        if isinstance(variable, Variable) and variable.lookups:
            names.add(variable.lookups[0])
    return names
