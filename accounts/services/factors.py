"""What all second factors share: a code is checked here, and the first and the last change the account."""

from accounts.constants import ActivityKind, Factor
from accounts.models import Passkey, RecoveryCode, Session, TotpDevice, User
from accounts.selectors import second_factors
from accounts.services.activity import activity_record
from accounts.services.claims import claims_changed
from accounts.services.recovery_codes import (
    recovery_code_use,
    recovery_codes_delete,
    recovery_codes_replace,
)
from accounts.services.totp_seeds import totp_code_use
from accounts.totp import code_plain


def code_use(user: User, code: str) -> Factor | None:
    """Use up a code of the authenticator app or a recovery code, in the caller's transaction.

    Whoever calls it calls `factor_use_record` too, once there is a session.

    Returns:
        Which of the two it was; None when it is wrong or was used before, and then nothing was written.
    """
    digits = code_plain(code)
    if digits is not None:
        return Factor.TOTP if totp_code_use(user, digits) else None
    return Factor.RECOVERY_CODE if recovery_code_use(user, code) else None


def factor_use_record(user: User, factor: Factor, *, session_id: str) -> None:
    """Tell of a factor whose every use is worth telling, in the caller's transaction: a recovery code.

    Args:
        session_id: public id of the session that it was given in, or that it opened: who denies that login
            denies this use too.

    Effects: a line of the timeline, which alerts.
    """
    if factor is not Factor.RECOVERY_CODE:
        return
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    session = Session.objects.filter(public_id=session_id, user=user).first()
    activity_record(user, ActivityKind.RECOVERY_CODE_USED, session=session, left=left)


def factor_added(user: User) -> list[str]:
    """Call it after a factor of a user (row locked by the caller) came into being.

    Returns:
        Ten recovery codes when it is the first factor: their only plain text. Else an empty list.

    Effects: `two_factor`; access tokens are refused, so that clients fetch new ones.
    """
    codes = [] if user.two_factor else recovery_codes_replace(user)
    _keep_flag(user, True)
    return codes


def factor_removed(user: User) -> bool:
    """Call it after a factor of a user (row locked by the caller) was deleted.

    Returns:
        Whether it was the last. Then the recovery codes are void, and no session counts as one with a
        second factor any more: staff scopes end with it.

    Effects: `two_factor`; access tokens are refused, so that clients fetch new ones.
    """
    is_on = bool(second_factors(user.pk))
    if not is_on:
        recovery_codes_delete(user)
        Session.objects.filter(user=user, ended_at=None).update(mfa_at=None)
    _keep_flag(user, is_on)
    return not is_on


def factors_delete(user: User) -> bool:
    """Delete the authenticator app and all passkeys of a user whose row the caller has locked.

    Returns:
        Whether there was one, even an app that was never confirmed.

    Effects: as `factor_removed` for the last one.
    """
    found = [rows.filter(user=user).delete()[0] for rows in (TotpDevice.objects, Passkey.objects)]
    if any(found):
        factor_removed(user)
    return any(found)


def _keep_flag(user: User, is_on: bool) -> None:
    if user.two_factor != is_on:
        user.two_factor = is_on
        user.save(update_fields=["two_factor"])
    claims_changed(user_pk=user.pk)
