"""Roles of people: given and taken by who holds everything that the role brings."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from accounts.constants import UserStatus
from accounts.ports import Obligation
from accounts.selectors import user_get
from accounts.services.claims import claims_changed
from accounts.services.step_up import require_step_up
from accounts.step_up import ASSIGN_ROLE
from governance.access_matrix import MATRIX, SUPER_ADMIN, scopes_of
from governance.constants import Severity
from governance.errors import RoleUnknown
from governance.locks import lock_role
from governance.rules import check_role_change
from governance.selectors import role_scopes, staff_scopes
from governance.services.audit import audit_record
from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import LastSuperAdmin, NotFound

if TYPE_CHECKING:
    from accounts.models import User

SCOPE = "role.write"


@transactional
def role_assign(*, actor: Actor, user_id: str, role: str, reason: str = "") -> frozenset[str]:
    """Give a role to a user.

    Returns:
        The user's roles afterwards.

    Raises:
        PermissionDenied: without `role.write`.
        RoleUnknown: not a role that people are given.
        NotFound: no such user, or the account is closed.
        CannotChangeSelf, RoleTooHigh: an impossible escalation (`rules.check_role_change`).
        StepUpRequired: no step-up of this session.

    Effects: locks the user, then the role; the user's access tokens are refused; one audit record.
    Idempotency: giving a role that is held changes nothing and records nothing.
    """
    return _change(actor=actor, user_id=user_id, role=role, reason=reason, give=True)


@transactional
def role_remove(*, actor: Actor, user_id: str, role: str, reason: str = "") -> frozenset[str]:
    """Take a role from a user.

    Returns:
        The user's roles afterwards.

    Raises:
        LastSuperAdmin: no other active super admin would be left.
        As `role_assign`, without StepUpRequired: taking power away can't wait.

    Effects and idempotency: as `role_assign`.
    """
    return _change(actor=actor, user_id=user_id, role=role, reason=reason, give=False)


def _change(*, actor: Actor, user_id: str, role: str, reason: str, give: bool) -> frozenset[str]:
    access.require(actor, "roles.assign" if give else "roles.remove", scope=SCOPE)
    if role not in MATRIX or not MATRIX[role].assignable:
        raise RoleUnknown({"role": [("invalid_choice", "Not a role that people are given.")]})
    user = user_get(user_id)
    before = _checked_roles(actor, user, role)
    if give:
        require_step_up(actor, ASSIGN_ROLE)
    if (role in before) == give:
        return before
    claims_changed(user_pk=user.pk)
    user.refresh_from_db(fields=["status"])
    if user.status == UserStatus.CLOSED:
        raise NotFound
    group = lock_role(role)
    before = _checked_roles(actor, user, role)
    if not give:
        super_admin_left_require(user.pk, before & {role})
    if give:
        user.groups.add(group)
    else:
        user.groups.remove(group)
    after = before | {role} if give else before - {role}
    is_staff = any(MATRIX[name].is_staff for name in after if name in MATRIX)
    users = get_user_model().objects
    users.filter(pk=user.pk).update(is_staff=is_staff, is_superuser=SUPER_ADMIN in after)
    audit_record(
        actor=actor,
        action="roles.assigned" if give else "roles.removed",
        target_type="user",
        target_id=user_id,
        severity=Severity.CRITICAL if MATRIX[role].is_staff else Severity.WARNING,
        before={"roles": sorted(before)},
        after={"roles": sorted(after)},
        reason=reason,
    )
    return after


def _checked_roles(actor: Actor, user: "User", role: str) -> frozenset[str]:
    """The user's roles now, if the actor may change this one of theirs."""
    roles, _ = role_scopes(user.pk)
    if actor.kind != "system":
        check_role_change(
            actor_id=actor.user_id,
            actor_scopes=actor.scopes,
            target_id=user.public_id,
            target_staff_scopes=staff_scopes(roles),
            role_scopes=scopes_of(frozenset({role})),
        )
    return roles


def super_admin_left_require(user_pk: int, roles: Iterable[str]) -> None:
    """Go on only if an active super admin remains when this user, whose row the caller has locked, loses
    these roles or the use of them.

    Raises:
        LastSuperAdmin: none would.

    Effects: locks the role, so that two who do this to each other at once see each other.
    """
    if SUPER_ADMIN not in roles:
        return
    lock_role(SUPER_ADMIN)
    others = get_user_model().objects.filter(groups__name=SUPER_ADMIN, status=UserStatus.ACTIVE)
    if not others.exclude(pk=user_pk).exists():
        raise LastSuperAdmin


def role_obligations(user_pk: int) -> list[Obligation]:
    """Staff hand their roles back before they close their account: so the last super admin can't go.

    Giving a role takes the user's lock too, so none is given in between.
    """
    roles, _ = role_scopes(user_pk)
    count = sum(role in MATRIX and MATRIX[role].is_staff for role in roles)
    return [Obligation("staff_roles", count=count)] if count else []
