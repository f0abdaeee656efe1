"""The security timeline: one door that writes its lines."""

from typing import Any

from accounts.constants import ActivityKind
from accounts.devices import device_name
from accounts.models import Activity, Session, User
from accounts.signals import security_alert
from ogc import context

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
    user: User, kind: ActivityKind, *, session: Session | None = None, **details: Any
) -> Activity:
    """Write one line in the caller's transaction, with the address and device of the request.

    Args:
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
    if kind in ALERTING:
        security_alert.emit(user_id=user.public_id, activity_id=line.public_id, kind=kind.value)
    return line
