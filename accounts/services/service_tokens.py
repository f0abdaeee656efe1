"""Bearer tokens of machines."""

import secrets
from datetime import timedelta

from accounts import service_tokens
from accounts.constants import (
    REFRESH_TOKEN_BYTES,
    SERVICE_SCOPES,
    SERVICE_TOKEN_MAX_DAYS,
    SERVICE_TOKEN_PREFIX,
)
from accounts.locks import service_token_lock
from accounts.models import ServiceToken
from accounts.service_tokens import token_hash
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound, ValidationFailed
from ogc.ports import audit_record

SCOPE = "role.write"


@transactional
def service_token_create(
    *, actor: Actor, name: str, scopes: list[str], days: int, reason: str = ""
) -> tuple[ServiceToken, str]:
    """A token for a machine; the text is returned this once, and only its hash is kept.

    Raises:
        PermissionDenied: without `role.write`.
        ValidationFailed: a scope that service tokens can't hold, or a life of no days or of years.
    """
    access.require(actor, "service_tokens.create", scope=SCOPE)
    unknown = sorted(set(scopes) - set(SERVICE_SCOPES))
    if unknown or not scopes:
        raise ValidationFailed({"scopes": [("unknown", f"Scopes of services: {', '.join(SERVICE_SCOPES)}.")]})
    if not 1 <= days <= SERVICE_TOKEN_MAX_DAYS:
        raise ValidationFailed({"days": [("bounds", f"This must be 1 to {SERVICE_TOKEN_MAX_DAYS} days.")]})
    text = SERVICE_TOKEN_PREFIX + secrets.token_urlsafe(REFRESH_TOKEN_BYTES)
    row = ServiceToken.objects.create(
        name=name,
        token_hash=token_hash(text),
        scopes=sorted(set(scopes)),
        expires_at=clock.now() + timedelta(days=days),
    )
    _audit(actor, "service_tokens.created", row, reason)
    on_commit(service_tokens.load)
    return row, text


@transactional
def service_token_revoke(*, actor: Actor, token_id: str, reason: str = "") -> None:
    """Refuse a token from now on (within 2 seconds on all processes). Raises: PermissionDenied, NotFound."""
    access.require(actor, "service_tokens.revoke", scope=SCOPE)
    row = service_token_lock(token_id)
    if row is None:
        raise NotFound
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    _audit(actor, "service_tokens.revoked", row, reason)
    on_commit(service_tokens.load)


def _audit(actor: Actor, action: str, row: ServiceToken, reason: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="service_token",
        target_id=row.public_id,
        severity="warning",
        after={"name": row.name, "scopes": row.scopes, "expires_at": row.expires_at.isoformat()},
        reason=reason,
    )
