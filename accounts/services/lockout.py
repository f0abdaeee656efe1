"""Counting wrong passwords and codes in the database, so that no lost cache and no restart forgets them.

What is counted depends on where the guess comes from, so that guesses from outside disturb nobody inside:

- `account` and `ip`: passwords of new logins;
- `factor` and `ip`: second factors of new logins;
- `confirm`: passwords and codes given within a session, by session;
- `confirms`: the same over all sessions of a user. It holds only sessions that failed themselves, and those
  that were opened without the password, of which somebody inside could open ever more.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, DateTimeField, IntegerField, Q, QuerySet, Value

from accounts.constants import CONFIRM_SESSIONS, LOCKOUT_FORGET_SECONDS, LoginMethod
from accounts.locks import SUBJECTS, login_failures_lock, user_lock_of_login
from accounts.models import LoginFailure, Session, User
from accounts.rules import FailureCount, failure_add, network_counted
from accounts.services.activity import locked_record
from accounts.services.mail_requests import lock_tell
from ogc import clock
from ogc.actors import Actor
from ogc.db.statements import SelectStatement, Slots
from ogc.db.transactions import run_in_transaction, transactional
from ogc.errors import RateLimited
from ogc.ports import audit_record
from ogc.rates import Rate, parse_rate
from ogc.seal import sign

ACCOUNT = "account"
ADDRESS = "ip"
FACTOR = "factor"
CONFIRM = "confirm"
CONFIRMS = "confirms"


def subjects_of(email: str, ip: str) -> dict[str, str]:
    """What is counted, by kind. Addresses appear as a keyed hash: people mistype, and paste passwords."""
    return {ACCOUNT: f"{ACCOUNT}:{sign('accounts.login-failure', email)}"} | address_subject(ip)


def factor_subjects(user_id: str, ip: str) -> dict[str, str]:
    """What wrong second factors at a login count against; `user_id` is the public id."""
    return {FACTOR: f"{FACTOR}:{sign('accounts.factor-failure', user_id)}"} | address_subject(ip)


def confirm_subjects(actor: Actor) -> dict[str, str]:
    """What wrong passwords and codes within a session count against: this session, and all of its user."""
    return {CONFIRM: f"{CONFIRM}:{actor.session_id}"} | _confirms_subject(actor.user_id or "")


def _confirms_subject(user_id: str) -> dict[str, str]:
    return {CONFIRMS: f"{CONFIRMS}:{sign('accounts.confirm-failure', user_id)}"}


def address_subject(ip: str) -> dict[str, str]:
    """The part that counts an address; empty outside requests."""
    return {ADDRESS: f"{ADDRESS}:{network_counted(ip)}"} if ip else {}


def _look(slots: Slots) -> "QuerySet[LoginFailure, Any]":
    text, number, instant = (
        Value(None, CharField()),
        Value(None, IntegerField()),
        Value(None, DateTimeField()),
    )
    counters = LoginFailure.objects.filter(subject__in=[slots.text(name) for name in SUBJECTS]).order_by()
    users = User.objects.filter(email=slots.text("email")).order_by()
    of_users = users.values_list(text, instant, "pk", "public_id", "password")
    return counters.values_list("subject", "locked_until", number, text, text).union(of_users, all=True)


_LOOK = SelectStatement(_look)
_LOOKED_AT = ("id", "public_id", "password")


def login_look(email: str, subjects: dict[str, str]) -> tuple[User | None, set[str]]:
    """Who has this address, if logins are not locked; one query, for known and unknown addresses alike.

    Raises:
        RateLimited: as `require_unlocked`.

    Returns:
        The user, of whom only password and ids are read yet, and the subjects that have a counter.
    """
    rows = _LOOK.all(email=email, **dict(zip(SUBJECTS, [*subjects.values(), "", ""], strict=False)))
    locked = {subject: until for subject, until, *_ in rows if subject is not None}
    _refuse_locked(locked, subjects)
    found = next((row[2:] for row in rows if row[0] is None), None)
    return User.from_db(DEFAULT_DB_ALIAS, _LOOKED_AT, found) if found else None, set(locked)


def user_lock_unlocked(user_pk: int, subjects: dict[str, str]) -> User:
    """The user row, locked, when none of the subjects of a login is locked by now; one query.

    Raises:
        RateLimited: as `require_unlocked`.
    """
    counted = [subject for kind, subject in subjects.items() if _rate(kind)]
    user, until = user_lock_of_login(user_pk, counted)
    _refuse(until)
    return user


def require_unlocked(subjects: dict[str, str]) -> set[str]:
    """Go on only when none of the subjects is locked; one query.

    Raises:
        RateLimited: `details.retry_after` in seconds.

    Returns:
        The subjects that have a counter.
    """
    rows = {row.subject: row for row in LoginFailure.objects.filter(subject__in=subjects.values())}
    _require_unlocked(rows, subjects)
    return set(rows)


def require_unlocked_locking(subjects: dict[str, str]) -> None:
    """The same with the counters locked until the caller's transaction ends: who waits sees what failed.

    Raises:
        RateLimited: as `require_unlocked`.
    """
    rows = login_failures_lock(list(subjects.values()))
    _require_unlocked({row.subject: row for row in rows}, subjects)


def counters_create(subjects: set[str]) -> None:
    """Make counters before they are locked: insert and lock in one transaction make others deadlock."""
    missing = [LoginFailure(subject=subject) for subject in sorted(subjects)]
    if missing:
        run_in_transaction(lambda: LoginFailure.objects.bulk_create(missing, ignore_conflicts=True))


def failure_note(
    *,
    actor: Actor,
    user: User | None,
    subjects: dict[str, str],
    counters: set[str],
    action: str,
    email: str = "",
) -> None:
    """Count one failure, audit it, and tell the user once for each time that it locks something of theirs.

    Args:
        user: whom the guess is about, where that is known.
        counters: the subjects that have a counter; all, in a transaction of the caller.
        email: the address that was named at a login, normalised. Whose it is is looked up afterwards, so that
            a lock costs the same statements for known and unknown ones.

    Raises:
        RateLimited: other failures locked a subject meanwhile.
    """
    counters_create(set(subjects.values()) - counters)
    _failure_note(actor, user, subjects, action, email)


@transactional
def _failure_note(actor: Actor, user: User | None, subjects: dict[str, str], action: str, email: str) -> None:
    locked = _failure_record(subjects)
    audit_record(
        actor=actor,
        action="auth.locked" if locked else action,
        target_type="user" if user else "address",
        target_id=user.public_id if user else next(iter(subjects.values()), ""),
        severity="warning" if locked else "info",
        after={"locked": locked} if locked else None,
    )
    theirs = [kind for kind in locked if kind != ADDRESS]
    if ACCOUNT in theirs:
        lock_tell(email=email, what=ACCOUNT)
    elif user is not None and theirs:
        locked_record(user, theirs[-1])


def _failure_record(subjects: dict[str, str]) -> list[str]:
    """Count one failure of each subject in the caller's transaction; returns the kinds that it locked.

    Raises:
        RateLimited: other failures locked a subject while this password was checked, so that guesses sent
            at once are not more than guesses sent one by one.
    """
    now, locked = clock.real_now(), []
    rows = {row.subject: row for row in login_failures_lock(list(subjects.values()))}
    _require_unlocked(rows, subjects)
    for kind, subject in subjects.items():
        row, rate = rows.get(subject), _rate(kind)
        if row is None or rate is None:
            continue
        after = failure_add(_count(row), now=now, limit=rate.count, window_seconds=rate.seconds)
        if after.locked_until != row.locked_until:
            locked.append(kind)
        for name in FailureCount.__dataclass_fields__:
            setattr(row, name, getattr(after, name))
        row.save()
    return locked


def forget(subjects: dict[str, str]) -> None:
    """The right secret was given: what failed before counts against the IP and all sessions together only.

    It ends no lock: that may have come while the secret was checked, and then it holds for its owner too.
    """
    own = [subject for kind, subject in subjects.items() if kind not in (ADDRESS, CONFIRMS)]
    over = Q(locked_until=None) | Q(locked_until__lte=clock.real_now())
    _clear(LoginFailure.objects.filter(over, subject__in=own))


def forget_old_password(user: User) -> None:
    """There is a new password by mail or from an operator: what failed before, and its locks, are over."""
    own = {ACCOUNT: subjects_of(user.email, "")[ACCOUNT]} | _confirms_subject(user.public_id)
    _clear(LoginFailure.objects.filter(subject__in=own.values()))


def _clear(counters: "QuerySet[LoginFailure]") -> None:
    counters.update(failures_count=0, strikes_count=0, locked_until=None)


def _require_unlocked(rows: Mapping[str, LoginFailure], subjects: dict[str, str]) -> None:
    locked = {subject: row.locked_until for subject, row in rows.items()}
    over_all = locked.get(subjects.get(CONFIRMS, ""))
    if over_all is not None and over_all > clock.real_now() and _is_trusted(rows, subjects[CONFIRM]):
        subjects = {CONFIRM: subjects[CONFIRM]}
    _refuse_locked(locked, subjects)


def _is_trusted(rows: Mapping[str, LoginFailure], subject: str) -> bool:
    """Whether a session goes on though others of its user guess: opened by password, not failed for a day."""
    own, since = rows.get(subject), clock.real_now() - timedelta(seconds=LOCKOUT_FORGET_SECONDS)
    if own is not None and (own.failures_count or own.strikes_count) and own.last_failed_at > since:
        return False
    session_id = subject.removeprefix(f"{CONFIRM}:")
    return Session.objects.filter(public_id=session_id, method=LoginMethod.PASSWORD).exists()


def _refuse_locked(locked: Mapping[str, datetime | None], subjects: dict[str, str]) -> None:
    ends = [locked.get(subject) for kind, subject in subjects.items() if _rate(kind)]
    _refuse(max(filter(None, ends), default=None))


def _refuse(until: datetime | None) -> None:
    wait = (until - clock.real_now()).total_seconds() if until is not None else 0
    if wait > 0:
        raise RateLimited(retry_after=math.ceil(wait))


def _rate(kind: str) -> Rate | None:
    rate = parse_rate(settings.RATE_LOGIN_IP if kind == ADDRESS else settings.RATE_LOGIN_ACCOUNT)
    return Rate(rate.count * CONFIRM_SESSIONS, rate.seconds) if rate and kind == CONFIRMS else rate


def _count(row: LoginFailure) -> FailureCount:
    return FailureCount(*(getattr(row, name) for name in FailureCount.__dataclass_fields__))
