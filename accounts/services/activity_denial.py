"""The answer "this wasn't me" to a line of the timeline, and what the platform does then."""

from datetime import timedelta

from accounts import ports
from accounts.constants import DENIAL_UNDO_DAYS, ActivityKind, MailPurpose, SessionEnd
from accounts.errors import ActivityNotDeniable
from accounts.locks import user_lock
from accounts.models import Activity, AddressNonce, PasskeyCeremony, User
from accounts.selectors import user_pk
from accounts.services.activity import activity_record
from accounts.services.activity_undo import undo
from accounts.services.mail_requests import reset_request
from accounts.services.mail_tokens import mail_tokens_drop
from accounts.services.mfa_challenges import mfa_challenges_void
from accounts.services.sessions import sessions_end
from accounts.signals import activity_denied
from accounts.timeline import is_deniable
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record

LOGINS = frozenset({ActivityKind.LOGIN, ActivityKind.NEW_DEVICE})
MOVED = ActivityKind.EMAIL_CHANGED


@transactional
def activity_deny(*, actor: Actor, activity_id: str) -> None:
    """Close the account to whoever else is in it, and let its owner back in by mail. Again: no effect.

    The password is made unusable, since the other person may know it; a reset sets a new one. Denying a
    login denies everything that was done in its session. What was added there is taken back while it is
    younger than DENIAL_UNDO_DAYS: later a stolen session could strip an account of factors that are its
    owner's own, so staff do it after talking to the person. Nothing is mailed to an address that the line
    says somebody else set and that could not be taken back.

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
    young = now - timedelta(days=DENIAL_UNDO_DAYS)
    undone = [each.kind for each in lines if each.created_at > young and undo(actor, user, each)]
    activity_record(user, ActivityKind.DENIED, actor=actor, denied=line.kind, undone=undone)
    ended = sessions_end(user, SessionEnd.DENIED)
    _shut_half_open_doors(user)
    ports.hold_wallet(user_id=user.public_id, reason=f"this wasn't me: {line.kind}")
    _password_kill(user)
    is_address_theirs = [each.kind for each in lines].count(MOVED) == undone.count(MOVED)
    if is_address_theirs:
        reset_request(user)
    audit_record(
        actor=actor,
        action="auth.activity_denied",
        target_type="user",
        target_id=user.public_id,
        severity="critical",
        after={
            "activity": line.public_id,
            "kind": line.kind,
            "sessions": ended,
            "undone": undone,
            "reset_mailed": is_address_theirs,
        },
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


def _shut_half_open_doors(user: User) -> None:
    now = clock.now()
    PasskeyCeremony.objects.filter(user=user, used_at=None).update(used_at=now)
    AddressNonce.objects.filter(user=user, used_at=None).update(used_at=now)
    mfa_challenges_void(user)
    mail_tokens_drop(user.pk, MailPurpose.RESET_PASSWORD, MailPurpose.CHANGE_EMAIL)


def _password_kill(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
