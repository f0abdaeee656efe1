"""Accepting the terms."""

from django.conf import settings

from accounts.locks import user_lock
from accounts.selectors import user_pk
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import ValidationFailed
from ogc.ports import audit_record


def terms_require_current(version: str, *, field: str = "version") -> None:
    """Raises: ValidationFailed, when there are current terms (TERMS_VERSION) and these are others."""
    if settings.TERMS_VERSION and version != settings.TERMS_VERSION:
        message = f"The current terms are version {settings.TERMS_VERSION}."
        raise ValidationFailed({field: [("not_current", message)]})


@transactional
def terms_accept(*, actor: Actor, version: str) -> None:
    """Record that the caller accepts this version of the terms.

    Raises:
        ValidationFailed: there are current terms, and they are others.

    Effects: audit record with the version before and after.

    Idempotency: accepting what was accepted changes nothing, also not the time.
    """
    terms_require_current(version)
    user = user_lock(user_pk(actor.user_id or ""))
    if user.terms_version == version and user.terms_accepted_at is not None:
        return
    before = user.terms_version
    user.terms_version, user.terms_accepted_at = version, clock.now()
    user.save(update_fields=["terms_version", "terms_accepted_at"])
    audit_record(
        actor=actor,
        action="auth.terms_accepted",
        target_type="user",
        target_id=user.public_id,
        before={"version": before},
        after={"version": version},
    )
