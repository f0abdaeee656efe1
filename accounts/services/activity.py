"""The security timeline: one door that writes its lines."""

from datetime import timedelta
from typing import Any

from accounts.constants import LOCKED_ALERT_SECONDS, ActivityKind
from accounts.devices import device_name
from accounts.models import Activity, Session, User
from accounts.signals import security_alert
from ogc import clock, context

ALERTING = frozenset(
    {
        ActivityKind.NEW_DEVICE,
        ActivityKind.LOCKED,
        ActivityKind.PASSWORD_CHANGED,
        ActivityKind.PASSWORD_RESET,
        ActivityKind.TOTP_ADDED,
        ActivityKind.TOTP_REMOVED,
        ActivityKind.RECOVERY_CODE_USED,
        ActivityKind.PASSKEY_ADDED,
        ActivityKind.PASSKEY_REMOVED,
        ActivityKind.FACTORS_CLEARED,
        ActivityKind.ADDRESS_LINKED,
        ActivityKind.ADDRESS_UNLINKED,
    }
)
"""Lines that are also mailed at once, so that somebody who did not do it hears of it."""


def activity_record(
    user: User, kind: ActivityKind, *, session: Session | None = None, alert: bool = True, **details: Any
) -> Activity:
    """Write one line in the caller's transaction, with the address and device of the request.

    Args:
        alert: False keeps a line of an alerting kind from being mailed.
        details: plain values that people read, never secrets.

    Effects: event `security_alert` for kinds that alert.
    """
    here = context.current()
    line = Activity.objects.create(
        user=user,
        kind=kind,
        session=session,
        ip=here.ip or None,
        device=device_name(here.user_agent),
        details=details,
    )
    if alert and kind in ALERTING:
        security_alert.emit(user_id=user.public_id, activity_id=line.public_id, kind=kind.value)
    return line


def locked_record(user: User) -> None:
    """A line for a lock of logins of this account, in the caller's transaction; mailed once a day."""
    since = clock.now() - timedelta(seconds=LOCKED_ALERT_SECONDS)
    told = Activity.objects.filter(user=user, kind=ActivityKind.LOCKED, created_at__gt=since).exists()
    activity_record(user, ActivityKind.LOCKED, alert=not told)


def activities_erase(user_pk: int) -> int:
    """Delete the whole timeline of an account that is being closed; returns how many lines."""
    return Activity.objects.filter(user_id=user_pk).delete()[0]
