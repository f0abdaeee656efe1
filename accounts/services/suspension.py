"""Suspending people, and letting them back in."""

from datetime import datetime

from accounts import ports
from accounts.constants import RevocationKind, SessionEnd, UserStatus
from accounts.locks import user_lock
from accounts.models import User
from accounts.rules import require_not_above
from accounts.selectors import user_get
from accounts.services.claims import actor_for
from accounts.services.revoke import revoke
from accounts.services.sessions import sessions_end
from accounts.signals import user_reinstated, user_suspended
from ogc import access, clock
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound, ValidationFailed
from ogc.ports import audit_record

SCOPES = ("users.write", "moderation.write")


@transactional
def user_suspend(*, actor: Actor, user_id: str, reason: str, until: datetime | None = None) -> User:
    """Refuse everything to a user, from 2 seconds after the commit at the latest.

    Args:
        until: when it ends by itself (platform time); None: no end (the edges ask for confirmation).

    Raises:
        PermissionDenied: neither `users.write` nor `moderation.write`.
        NotFound: no such user, or the account is closed.
        CannotChangeSelf, RoleTooHigh: see product.md, Roles.
        LastSuperAdmin: no active super admin would remain.
        ValidationFailed: `until` is not in the future.

    Effects: locks the user, and the role of a super admin; sessions end; revocation rows; audit record; event
    `user_suspended`, which freezes outgoing money.
    """
    user, roles = _target(actor, "users.suspend", user_id)
    ports.require_super_admin_left(user.pk, roles)
    if until is not None and until <= clock.now():
        raise ValidationFailed({"until": [("in_past", "The end of a suspension is in the future.")]})
    before = _state(user)
    user.status, user.suspended_until, user.suspended_reason = UserStatus.SUSPENDED, until, reason
    user.save(update_fields=["status", "suspended_until", "suspended_reason"])
    sessions_end(user, SessionEnd.SUSPENDED)
    revoke(RevocationKind.USER, user.public_id, until=until)
    _audit(actor, "users.suspended", user, before, reason)
    user_suspended.emit(user_id=user.public_id)
    return user


@transactional
def user_reinstate(*, actor: Actor, user_id: str, reason: str = "") -> User:
    """Let a suspended user log in again; does nothing to others.

    Raises:
        PermissionDenied, NotFound, CannotChangeSelf, RoleTooHigh: as `user_suspend`.

    Effects: locks the user; revocation row; audit record; event `user_reinstated`.
    """
    user, _ = _target(actor, "users.reinstate", user_id)
    if user.status == UserStatus.SUSPENDED:
        _reinstate(actor, user, reason)
    return user


@transactional
def suspension_lift(*, user_pk: int) -> bool:
    """Reinstate a user whose suspension is over; the job behind `selectors.suspensions_over`."""
    user = user_lock(user_pk)
    over = user.status == UserStatus.SUSPENDED and user.is_active
    if over:
        _reinstate(SYSTEM, user, "the suspension is over")
    return over


def _reinstate(actor: Actor, user: User, reason: str) -> None:
    before = _state(user)
    user.status, user.suspended_until, user.suspended_reason = UserStatus.ACTIVE, None, ""
    user.save(update_fields=["status", "suspended_until", "suspended_reason"])
    revoke(RevocationKind.REINSTATED, user.public_id)
    _audit(actor, "users.reinstated", user, before, reason)
    user_reinstated.emit(user_id=user.public_id)


def _target(actor: Actor, action: str, user_id: str) -> tuple[User, frozenset[str]]:
    """The user, locked, and the roles that they hold."""
    scope = next((scope for scope in SCOPES if actor.has(scope)), SCOPES[0])
    access.require(actor, action, scope=scope)
    user = user_lock(user_get(user_id).pk)
    if user.status == UserStatus.CLOSED:
        raise NotFound
    if user.public_id == actor.user_id:
        raise CannotChangeSelf
    target = actor_for(user)
    require_not_above(actor, target)
    return user, target.roles


def _state(user: User) -> dict[str, str | None]:
    until = user.suspended_until
    return {"status": user.status, "until": until.isoformat() if until else None}


def _audit(actor: Actor, action: str, user: User, before: dict[str, str | None], reason: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="user",
        target_id=user.public_id,
        severity="warning",
        before=before,
        after=_state(user),
        reason=reason,
    )
