"""The answer "this wasn't me" to a line of the timeline, and what the platform does then."""

from datetime import timedelta

from accounts import ports
from accounts.constants import DENIAL_UNDO_DAYS, ActivityKind, MailPurpose, SessionEnd
from accounts.errors import ActivityNotDeniable, VerificationTokenInvalid
from accounts.locks import user_lock
from accounts.models import Activity, AddressNonce, PasskeyCeremony, User
from accounts.selectors import user_pk
from accounts.services.activity import activity_record
from accounts.services.activity_undo import undo
from accounts.services.mail_requests import reset_request
from accounts.services.mail_tokens import (
    denial_tokens_drop,
    mail_token_find,
    mail_token_use,
    mail_tokens_drop,
)
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
    login denies everything that was done in its session, denying the question for a change of address the
    change. What was added is taken back while it is younger than DENIAL_UNDO_DAYS: later a stolen session
    could strip an account of factors that are its owner's own, so staff do it after talking to the person.
    Nothing is mailed to an address that the line says somebody else set and that could not be taken back.

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
    _deny(actor, user, line, _with_change_of(line), by="session")


@transactional
def activity_deny_by_mail(*, actor: Actor, token: str) -> None:
    """The same by the token that the mail about a line carried, for those who have no session left.

    Who lost the address that the mail went to gets it back: the changes of address since are denied too,
    as the reset would go to whoever made them.

    Raises:
        VerificationTokenInvalid: forged, used, older than DENIAL_UNDO_DAYS, or the account is suspended or
            closed.

    Effects: see `activity_deny`; none for a line that is denied already, but the token is used up.
    """
    row = mail_token_find(token, MailPurpose.DENY_ACTIVITY)
    if row is None:
        raise VerificationTokenInvalid
    user = user_lock(row.user_id)
    if not user.is_active or not mail_token_use(row):
        raise VerificationTokenInvalid
    line = Activity.objects.get(mail_token=row)
    moves = _with_change_of(line) if row.email == user.email else _moves_since(line)
    _deny(actor, user, line, moves, by="mail")


def _deny(actor: Actor, user: User, line: Activity, moves: list[Activity], *, by: str) -> None:
    if line.denied_at is not None:
        return
    if not is_deniable(line.kind, line.details):
        raise ActivityNotDeniable(kind=line.kind)
    lines = _in_order([*_denied_with(line), *moves])
    undone = _take_back(actor, user, lines)
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
            "by": by,
            "sessions": ended,
            "undone": undone,
            "reset_mailed": is_address_theirs,
        },
    )
    activity_denied.emit(user_id=user.public_id, activity_id=line.public_id, kind=line.kind)


def _take_back(actor: Actor, user: User, lines: list[Activity]) -> list[str]:
    """Mark the lines and undo what is young enough; returns the kinds that were undone."""
    now = clock.now()
    Activity.objects.filter(pk__in=[each.pk for each in lines]).update(denied_at=now)
    young = now - timedelta(days=DENIAL_UNDO_DAYS)
    undone = [each.kind for each in lines if each.created_at > young and undo(actor, user, each)]
    if MOVED in undone:
        denial_tokens_drop(user)
    return undone


def _denied_with(line: Activity) -> list[Activity]:
    """The line, and for a login all that was done in its session since."""
    if line.kind not in LOGINS or line.session_id is None:
        return [line]
    since = Activity.objects.filter(
        user=line.user_id, session=line.session_id, pk__gte=line.pk, denied_at=None
    )
    return [each for each in since if is_deniable(each.kind, each.details)]


def _with_change_of(line: Activity) -> list[Activity]:
    """The changes to the address that the line asked for."""
    if line.kind != ActivityKind.EMAIL_CHANGE_ASKED:
        return []
    asked = line.details.get("new_email")
    return [each for each in _moves_since(line) if each.details.get("new_email") == asked]


def _moves_since(line: Activity) -> list[Activity]:
    """The changes of address after this line."""
    return list(Activity.objects.filter(user=line.user_id, kind=MOVED, pk__gt=line.pk, denied_at=None))


def _in_order(lines: list[Activity]) -> list[Activity]:
    """Each once, newest first; changes of address before all else, so that what is told of the rest goes to
    the address that is the owner's.
    """
    return sorted({each.pk: each for each in lines}.values(), key=lambda each: (each.kind != MOVED, -each.pk))


def _shut_half_open_doors(user: User) -> None:
    """What was begun dies too; half logins did with the sessions."""
    now = clock.now()
    PasskeyCeremony.objects.filter(user=user, used_at=None).update(used_at=now)
    AddressNonce.objects.filter(user=user, used_at=None).update(used_at=now)
    mail_tokens_drop(user.pk, MailPurpose.RESET_PASSWORD, MailPurpose.CHANGE_EMAIL)


def _password_kill(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
