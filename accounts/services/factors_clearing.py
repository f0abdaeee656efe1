"""Staff take all second factors off the account of somebody who lost them."""

from accounts.constants import ActivityKind, SessionEnd
from accounts.errors import TwoFactorNotOn
from accounts.locks import user_lock
from accounts.rules import require_not_above
from accounts.selectors import second_factors, user_get
from accounts.services.activity import activity_record
from accounts.services.claims import actor_for
from accounts.services.factors import factors_delete
from accounts.services.sessions import sessions_end
from accounts.services.step_up import require_step_up
from accounts.step_up import TWO_FACTOR_OFF
from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf
from ogc.ports import audit_record


@transactional
def factors_clear(*, actor: Actor, user_id: str, reason: str) -> None:
    """Remove authenticator app, passkeys and recovery codes of somebody else, by staff with `users.write`.

    Raises:
        PermissionDenied: the scope is missing.
        StepUpRequired: no fresh step-up of the caller's session.
        NotFound: no such user.
        CannotChangeSelf, RoleTooHigh: see product.md, Roles.
        TwoFactorNotOn: there is nothing to remove.

    Effects: locks the user; all their sessions end; a line FACTORS_CLEARED, which is mailed; audit record.
    """
    access.require(actor, "users.clear_factors", scope="users.write")
    require_step_up(actor, TWO_FACTOR_OFF)
    user = user_lock(user_get(user_id).pk)
    if user.public_id == actor.user_id:
        raise CannotChangeSelf
    require_not_above(actor, actor_for(user))
    factors = second_factors(user.pk)
    if not factors:
        raise TwoFactorNotOn
    factors_delete(user)
    activity_record(user, ActivityKind.FACTORS_CLEARED)
    sessions_end(user, SessionEnd.STAFF)
    audit_record(
        actor=actor,
        action="users.factors_cleared",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        before={"factors": factors},
        reason=reason,
    )
