"""The security timeline: one door that writes its lines."""

from datetime import timedelta
from typing import Any

from accounts.constants import LOCKED_ALERT_SECONDS, ActivityKind, MailPurpose, SessionEnd
from accounts.devices import device_name
from accounts.models import Activity, Session, User
from accounts.services.mail_tokens import mail_token_open
from accounts.signals import security_alert
from accounts.timeline import is_deniable
from ogc import clock, context
from ogc.actors import Actor
from ogc.context import RequestContext
from ogc.db.statements import InsertStatement

ALERTING = frozenset(
    {
        ActivityKind.NEW_DEVICE,
        ActivityKind.LOCKED,
        ActivityKind.PASSWORD_CHANGED,
        ActivityKind.PASSWORD_RESET,
        ActivityKind.EMAIL_CHANGE_ASKED,
        ActivityKind.EMAIL_CHANGED,
        ActivityKind.TOTP_ADDED,
        ActivityKind.TOTP_REMOVED,
        ActivityKind.RECOVERY_CODE_USED,
        ActivityKind.RECOVERY_CODES_MADE,
        ActivityKind.PASSKEY_ADDED,
        ActivityKind.PASSKEY_REMOVED,
        ActivityKind.PASSKEY_CLONED,
        ActivityKind.FACTORS_CLEARED,
        ActivityKind.ADDRESS_LINKED,
        ActivityKind.ADDRESS_UNLINKED,
    }
)
"""Lines that are also mailed at once, so that somebody who did not do it hears of it."""


_INSERT = InsertStatement(Activity)
BY_STAFF = frozenset({SessionEnd.STAFF, SessionEnd.SUSPENDED})


def activity_record(
    user: User,
    kind: ActivityKind,
    *,
    actor: Actor | None = None,
    session: Session | None = None,
    alert: bool = True,
    here: RequestContext | None = None,
    **details: Any,
) -> Activity:
    """Write one line in the caller's transaction, with the address and device of the request.

    Of what staff did it keeps neither: where our staff sit is not the user's to know.

    Args:
        actor: who did it; the line then names their session, where it is one of this user's, so that whoever
            denies a login denies what was done in it.
        session: the session that the line is about, where that is not the actor's.
        alert: False keeps a line of an alerting kind from being mailed.
        here: where it happened, if that is not this request.
        details: plain values that people read, never secrets.

    Effects: for kinds that alert the event `security_alert`, and the token that denies the line by its mail.
    """
    here = RequestContext() if _is_by_staff(kind, details) else here or context.current()
    if session is None and actor is not None and actor.session_id is not None:
        session = Session.objects.filter(public_id=actor.session_id, user=user).first()
    line = Activity(
        user=user,
        kind=kind,
        session=session,
        ip=here.ip or None,
        device=device_name(here.user_agent),
        details=details,
    )
    _INSERT.save(line)
    if alert and kind in ALERTING:
        _denial_offer(user, line)
        security_alert.emit(user_id=user.public_id, activity_id=line.public_id, kind=kind.value)
    return line


def _denial_offer(user: User, line: Activity) -> None:
    """A token for the mail about a line, to the address of this moment: the old one, where that is changed.

    None for an address that nobody has proved: it may be a stranger's, who would be given the account.
    """
    if user.email_verified and is_deniable(line.kind, line.details):
        mail_token_open(user, MailPurpose.DENY_ACTIVITY, email=user.email, activity=line)


def _is_by_staff(kind: ActivityKind, details: dict[str, Any]) -> bool:
    return kind == ActivityKind.FACTORS_CLEARED or details.get("reason") in BY_STAFF


def locked_record(user: User, what: str, *, here: RequestContext | None = None) -> None:
    """A line for a lock of this account, in the caller's transaction; mailed once a day.

    Args:
        what: the kind of counter, see `services.lockout`.
        here: as `activity_record`.
    """
    since = clock.now() - timedelta(seconds=LOCKED_ALERT_SECONDS)
    told = Activity.objects.filter(user=user, kind=ActivityKind.LOCKED, created_at__gt=since).exists()
    activity_record(user, ActivityKind.LOCKED, alert=not told, here=here, what=what)


def activities_erase(user_pk: int) -> int:
    """Delete the whole timeline of an account that is being closed; returns how many lines."""
    return Activity.objects.filter(user_id=user_pk).delete()[0]
