"""The authenticator app of an account: set up, confirmed, turned off; and new recovery codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.constants import ActivityKind
from accounts.errors import TwoFactorAlreadyOn, TwoFactorNotOn
from accounts.locks import user_lock
from accounts.models import Session, TotpDevice, User
from accounts.selectors import user_get, user_pk
from accounts.services import lockout
from accounts.services.activity import activity_record
from accounts.services.confirmations import password_confirm, proof_attempt
from accounts.services.factors import code_use, factor_added, factor_removed, factor_use_record
from accounts.services.recovery_codes import recovery_codes_replace
from accounts.services.step_up import require_step_up, session_of
from accounts.services.totp_seeds import seed_seal, step_take
from accounts.step_up import ADD_FACTOR, NEW_RECOVERY_CODES, TWO_FACTOR_OFF
from accounts.totp import code_plain, otpauth_uri, qr_svg, seed_new
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.ports import audit_record


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an app scans: the URI, and the same as a QR code (an SVG element). Holds the seed."""

    otpauth_uri: str
    qr_svg: str


@transactional
def totp_setup(*, actor: Actor) -> TotpSetup:
    """A new seed, which counts from its confirmation on; it replaces one that was never confirmed.

    Raises:
        StepUpRequired: neither a fresh login nor a step-up.
        TwoFactorAlreadyOn: an app is on.

    Effects: locks the user.
    """
    require_step_up(actor, ADD_FACTOR)
    user = user_lock(user_pk(actor.user_id or ""))
    if TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise TwoFactorAlreadyOn
    seed = seed_new()
    fresh = {"seed_sealed": seed_seal(user, seed), "created_at": clock.now(), "last_step": 0}
    TotpDevice.objects.update_or_create(user=user, defaults=fresh)
    uri = otpauth_uri(seed, user.email)
    return TotpSetup(uri, qr_svg(uri))


def totp_confirm(*, actor: Actor, code: str) -> list[str]:
    """Turn the app on with a code that it shows. This session then counts as one with a second factor.

    Returns:
        Ten recovery codes, in plain text for the only time; those given out before are void.

    Raises:
        TwoFactorAlreadyOn: it is on.
        RateLimited, MfaInvalid: wrong code, or nothing was set up.

    Effects: locks the counter of the session, then the user; timeline; audit record; access tokens are
        refused.
    """
    user = user_get(actor.user_id or "")
    return proof_attempt(
        actor=actor,
        user=user,
        subjects=lockout.confirm_subjects(actor),
        check=lambda: _confirm(actor, user.pk, code),
    )


def _confirm(actor: Actor, pk: int, code: str) -> list[str] | None:
    user = user_lock(pk)
    device, digits = TotpDevice.objects.filter(user=user).first(), code_plain(code)
    if device is not None and device.confirmed_at is not None:
        raise TwoFactorAlreadyOn
    if device is None or digits is None or not step_take(user, device, digits):
        return None
    now, session = clock.now(), session_of(actor, user)
    TotpDevice.objects.filter(pk=device.pk).update(confirmed_at=now)
    Session.objects.filter(pk=session.pk).update(mfa_at=now)
    activity_record(user, ActivityKind.TOTP_ADDED, session=session)
    _audit(actor, user, "auth.totp_added")
    return factor_added(user) or recovery_codes_replace(user)


def totp_disable(*, actor: Actor, password: str, code: str) -> None:
    """Turn the app off.

    Raises:
        StepUpRequired: no step-up of this session.
        TwoFactorNotOn: no app is on.
        RateLimited: too many failures within this session.
        PasswordWrong, MfaInvalid: in this order; the code is one of the app or a recovery code.

    Effects: as `totp_confirm`; with the last factor the recovery codes are void.
    """
    require_step_up(actor, TWO_FACTOR_OFF)
    if not TotpDevice.objects.filter(user__public_id=actor.user_id, confirmed_at__isnull=False).exists():
        raise TwoFactorNotOn
    user = password_confirm(actor=actor, password=password)
    proof_attempt(
        actor=actor,
        user=user,
        subjects=lockout.confirm_subjects(actor),
        check=lambda: _disable(actor, user.pk, code),
    )


def _disable(actor: Actor, pk: int, code: str) -> bool | None:
    user = user_lock(pk)
    factor = code_use(user, code)
    if factor is None:
        return None
    factor_use_record(user, factor, session_id=session_of(actor, user).public_id)
    if not totp_delete(actor=actor, user=user, confirmed_before=clock.now()):
        raise TwoFactorNotOn
    return True


def totp_delete(*, actor: Actor, user: User, confirmed_before: datetime, **details: Any) -> bool:
    """Delete the app of a user whose row the caller has locked, if it was confirmed until then.

    Args:
        details: more for the line of the timeline.

    Returns:
        Whether there was one.

    Effects: timeline, audit record, access tokens are refused; with the last factor the recovery codes go.
    """
    if not TotpDevice.objects.filter(user=user, confirmed_at__lte=confirmed_before).delete()[0]:
        return False
    activity_record(user, ActivityKind.TOTP_REMOVED, actor=actor, **details)
    _audit(actor, user, "auth.totp_removed")
    factor_removed(user)
    return True


@transactional
def recovery_codes_make(*, actor: Actor) -> list[str]:
    """Ten new recovery codes, in plain text for the only time; those given out before are void.

    Raises:
        StepUpRequired: no step-up of this session.
        TwoFactorNotOn: no second factor is on.

    Effects: locks the user; timeline; audit record.
    """
    require_step_up(actor, NEW_RECOVERY_CODES)
    user = user_lock(user_pk(actor.user_id or ""))
    if not user.two_factor:
        raise TwoFactorNotOn
    activity_record(user, ActivityKind.RECOVERY_CODES_MADE, session=session_of(actor, user))
    _audit(actor, user, "auth.recovery_codes_made")
    return recovery_codes_replace(user)


def _audit(actor: Actor, user: User, action: str) -> None:
    audit_record(actor=actor, action=action, target_type="user", target_id=user.public_id, severity="warning")
