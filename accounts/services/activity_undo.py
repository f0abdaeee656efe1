"""Taking back what lines of the timeline say was added."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from accounts import ports
from accounts.constants import ActivityKind
from accounts.models import Activity, Passkey, User
from accounts.services.passkeys import passkey_delete
from accounts.services.recovery_codes import recovery_codes_delete
from accounts.services.totp import totp_delete
from accounts.timeline import FOLLOWS
from ogc.actors import Actor


def undo(actor: Actor, user: User, line: Activity) -> bool:
    """Take back what a line says was added, in the caller's transaction, the user's row locked by it.

    Returns:
        Whether there was something to take; False also for lines that added nothing.
    """
    taker = _TAKERS.get(line.kind)
    return taker is not None and taker(actor, user, line)


def _totp(actor: Actor, user: User, line: Activity) -> bool:
    recovery_codes_delete(user)
    return totp_delete(actor=actor, user=user, confirmed_before=line.created_at, **FOLLOWS)


def _passkey(actor: Actor, user: User, line: Activity) -> bool:
    passkey_id = line.details.get("passkey_id", "")
    if not Passkey.objects.filter(user=user, public_id=passkey_id).exists():
        return False
    recovery_codes_delete(user)
    passkey_delete(actor=actor, user=user, passkey_id=passkey_id, **FOLLOWS)
    return True


def _recovery_codes(actor: Actor, user: User, line: Activity) -> bool:
    recovery_codes_delete(user)
    return True


def _address(actor: Actor, user: User, line: Activity) -> bool:
    return ports.unlink_address(user.public_id, "this wasn't me", line.details["address"])


def _email(actor: Actor, user: User, line: Activity) -> bool:
    """The old address comes back unless it is somebody's by now, the address changed again since, or nobody
    had proved the old one: it would count as proved, and may be a stranger's.
    """
    old_email = line.details.get("old_email", "")
    if user.email != line.details.get("new_email") or not line.details.get("old_proved"):
        return False
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=old_email)
    except IntegrityError:
        return False
    user.email = old_email
    return True


_TAKERS: dict[str, Callable[[Actor, User, Activity], bool]] = {
    ActivityKind.TOTP_ADDED: _totp,
    ActivityKind.PASSKEY_ADDED: _passkey,
    ActivityKind.RECOVERY_CODES_MADE: _recovery_codes,
    ActivityKind.ADDRESS_LINKED: _address,
    ActivityKind.EMAIL_CHANGED: _email,
}
