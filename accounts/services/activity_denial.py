"""The answer "this wasn't me" to a line of the timeline, and what the platform does then."""

from collections.abc import Callable
from datetime import timedelta

from accounts import ports
from accounts.constants import DENIAL_UNDO_DAYS, ActivityKind, MailPurpose, SessionEnd
from accounts.errors import ActivityNotDeniable
from accounts.locks import user_lock
from accounts.models import Activity, AddressNonce, MailToken, MfaChallenge, PasskeyCeremony, User
from accounts.selectors import user_pk
from accounts.services.activity import activity_record
from accounts.services.mail_tokens import mail_token_open
from accounts.services.sessions import sessions_end
from accounts.signals import activity_denied, reset_requested
from accounts.timeline import is_deniable
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record

LOGINS = frozenset({ActivityKind.LOGIN, ActivityKind.NEW_DEVICE})

_UNDO: dict[str, Callable[[User, Activity], bool]] = {
    ActivityKind.ADDRESS_LINKED: lambda user, line: ports.unlink_address(
        user.public_id, "this wasn't me", line.details["address"]
    ),
}
"""How what a line says is taken back; each says whether there was something to take."""


@transactional
def activity_deny(*, actor: Actor, activity_id: str) -> None:
    """Close the account to whoever else is in it, and let its owner back in by mail. Again: no effect.

    The password is made unusable, since the other person may know it; a reset sets a new one. Denying a
    login denies everything that was done in its session. What was added there is taken back while it is
    younger than DENIAL_UNDO_DAYS: later a stolen session could strip an account of factors that are its
    owner's own, so staff do it after talking to the person.

    Raises:
        NotFound: no such line, or somebody else's.
        ActivityNotDeniable: a line that nobody else can have caused (`timeline.is_deniable`).

    Effects: locks the user, then the wallet; all sessions end; half logins, open ceremonies and mail tokens
        die; outgoing money is held; a reset mail; a line DENIED; audit record; event `activity_denied`.
    """
    user = user_lock(user_pk(actor.user_id or ""))
    line = Activity.objects.filter(user=user, public_id=activity_id).first()
    if line is None:
        raise NotFound
    if line.denied_at is not None:
        return
    if not is_deniable(line.kind, line.details):
        raise ActivityNotDeniable(kind=line.kind)
    now = clock.now()
    lines = _denied_with(line)
    Activity.objects.filter(pk__in=[each.pk for each in lines]).update(denied_at=now)
    undone = [each.kind for each in lines if _undo(user, each)]
    activity_record(user, ActivityKind.DENIED, actor=actor, denied=line.kind, undone=undone)
    ended = sessions_end(user, SessionEnd.DENIED)
    _shut_half_open_doors(user)
    ports.hold_wallet(user_id=user.public_id, reason=f"this wasn't me: {line.kind}")
    _start_reset(user)
    audit_record(
        actor=actor,
        action="auth.activity_denied",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        after={"activity": line.public_id, "kind": line.kind, "sessions": ended, "undone": undone},
    )
    activity_denied.emit(user_id=user.public_id, activity_id=line.public_id, kind=line.kind)


def _denied_with(line: Activity) -> list[Activity]:
    """The line, and for a login all that was done in its session since, newest first."""
    if line.kind not in LOGINS or line.session_id is None:
        return [line]
    since = Activity.objects.filter(
        user=line.user_id, session=line.session_id, pk__gte=line.pk, denied_at=None
    )
    return [each for each in since if is_deniable(each.kind, each.details)]


def _undo(user: User, line: Activity) -> bool:
    undo = _UNDO.get(line.kind)
    is_young = line.created_at > clock.now() - timedelta(days=DENIAL_UNDO_DAYS)
    return undo is not None and is_young and undo(user, line)


def _shut_half_open_doors(user: User) -> None:
    now = clock.now()
    for rows in (
        MfaChallenge.objects.filter(user=user),
        PasskeyCeremony.objects.filter(user=user),
        AddressNonce.objects.filter(user=user),
        MailToken.objects.filter(user=user).exclude(purpose=MailPurpose.VERIFY_EMAIL),
    ):
        rows.filter(used_at=None).update(used_at=now)


def _start_reset(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    token = mail_token_open(user, MailPurpose.RESET_PASSWORD)
    reset_requested.emit(user_id=user.public_id, mail_token_id=token.public_id)
