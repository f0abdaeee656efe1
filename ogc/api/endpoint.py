"""The one declaration of an endpoint: who may, what it takes, what it answers, how often, and how it repeats.

The base view obeys it, the OpenAPI document and the authorisation matrix are generated from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from rest_framework.serializers import BaseSerializer

from ogc.errors import DomainError

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC = "public"
SELF = "self"


class Idempotency(StrEnum):
    """What an Idempotency-Key means on this call."""

    REQUIRED = "required"
    ACCEPTED = "accepted"
    IGNORED = "ignored"


REQUIRED, ACCEPTED, IGNORED = Idempotency.REQUIRED, Idempotency.ACCEPTED, Idempotency.IGNORED

Serializer = type[BaseSerializer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """See `endpoint` for the meaning of each part."""

    summary: str
    tags: Sequence[str]
    scope: str | tuple[str, ...]
    request: Serializer | None = None
    query: Serializer | None = None
    responses: Mapping[int, Serializer | None] = field(default_factory=dict)
    errors: Sequence[type[DomainError]] = ()
    idempotency: Idempotency = ACCEPTED
    rate: str | None = "default"
    confirm: bool | Callable[[dict[str, Any], dict[str, Any]], bool] = False
    dry_run: bool = False
    no_store: bool = False
    multipart: bool = False
    file_bytes: int = 0
    content_type: str = "application/json"
    also_content_type: str = ""
    paged: bool = False
    raw: bool = False
    login_ignored: bool = False
    escalates: bool = False
    action: str = ""
    description: str = ""
    example: Any = None

    @property
    def is_public(self) -> bool:
        """Whether nobody needs to be signed in."""
        return self.scope == PUBLIC

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of which one is enough; empty for public endpoints."""
        if self.is_public:
            return ()
        return (self.scope,) if isinstance(self.scope, str) else self.scope


def endpoint(
    *,
    summary: str,
    tags: Sequence[str],
    scope: str | tuple[str, ...],
    request: Serializer | None = None,
    query: Serializer | None = None,
    responses: Mapping[int, Serializer | None] | None = None,
    errors: Sequence[type[DomainError]] = (),
    idempotency: Idempotency = ACCEPTED,
    rate: str | None = "default",
    confirm: bool | Callable[[dict[str, Any], dict[str, Any]], bool] = False,
    dry_run: bool = False,
    no_store: bool = False,
    multipart: bool = False,
    file_bytes: int = 0,
    content_type: str = "application/json",
    also_content_type: str = "",
    paged: bool = False,
    raw: bool = False,
    login_ignored: bool = False,
    escalates: bool = False,
    action: str = "",
    description: str = "",
    example: Any = None,
) -> Callable[[F], F]:
    """Declare a view method as an endpoint.

    Args:
        scope: PUBLIC, SELF (any signed-in user, ownership is checked by the selector), or a scope; several:
        one
            of them is enough.
        request: strict serializer of the body; its values reach the method as `data`.
        query: strict serializer of the query string; its values reach the method as `query`.
        responses: status → serializer of the answer (None: no body).
        errors: domain errors of the service; what the plumbing itself answers is added to the document.
        idempotency: only for POST.
        rate: name of a RATE_… setting in lower case; None: not limited here.
        confirm: True, or a function of (data, query): the body must carry `"confirm": true`.
        dry_run: a body with `"dry_run": true` writes nothing: it needs no idempotency key, and its answer is
            not kept.
        no_store: answers hold tokens, money or personal data and are not to be cached.
        multipart: the body may be a form with files as well as JSON.
        file_bytes: how large the files of a form may be together; more is refused before it is read.
        content_type: of the answer, where it is a file; its shape is not declared then.
        also_content_type: of a file that the call answers with as well, when the query asks for it.
        paged: a keyset list; documents `page_size` and `cursor`.
        raw: the method reads the body itself (webhooks with signatures over bytes).
        login_ignored: an Authorization header is not looked at (public calls that a client with an old token
            must be able to make, such as the refresh).
        escalates: the service asks for an approval where a policy says REQUIRE_ESCALATION; others answer 403.
        action: name for policies; default `<app>.<View>.<method>`.
        example: example of the body (or of the answer, for calls without one).
    """
    declared = Endpoint(
        summary=summary, tags=tags, scope=scope, request=request, query=query, errors=errors, rate=rate,
        idempotency=idempotency, confirm=confirm, dry_run=dry_run, no_store=no_store,
        multipart=multipart, file_bytes=file_bytes, content_type=content_type,
        also_content_type=also_content_type, paged=paged, raw=raw, login_ignored=login_ignored,
        escalates=escalates, action=action, description=description, example=example,
        responses=responses or {200: None},
    )  # fmt: skip

    def mark(method: F) -> F:
        method.endpoint = declared  # type: ignore[attr-defined]
        return method

    return mark
