"""Counting wrong passwords and codes in the database, so that no lost cache and no restart forgets them.

What is counted depends on where the guess comes from, so that guesses from outside disturb nobody inside:

- `account` and `ip`: passwords of new logins;
- `factor` and `ip`: second factors of new logins;
- `confirm`: passwords and codes given within a session, by session.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, DateTimeField, IntegerField, Q, QuerySet, Value

from accounts.locks import SUBJECTS, login_failures_lock, user_lock_of_login
from accounts.models import LoginFailure, User
from accounts.rules import FailureCount, failure_add, network_counted
from ogc import clock
from ogc.db.statements import SelectStatement, Slots
from ogc.db.transactions import transactional
from ogc.errors import RateLimited
from ogc.rates import Rate, parse_rate
from ogc.seal import sign

ACCOUNT = "account"
ADDRESS = "ip"
FACTOR = "factor"
CONFIRM = "confirm"


def subjects_of(email: str, ip: str) -> dict[str, str]:
    """What is counted, by kind. Addresses appear as a keyed hash: people mistype, and paste passwords."""
    return {ACCOUNT: f"{ACCOUNT}:{sign('accounts.login-failure', email)}"} | address_subject(ip)


def factor_subjects(user_id: str, ip: str) -> dict[str, str]:
    """What wrong second factors at a login count against; `user_id` is the public id."""
    return {FACTOR: f"{FACTOR}:{sign('accounts.factor-failure', user_id)}"} | address_subject(ip)


def confirm_subjects(session_id: str) -> dict[str, str]:
    """What wrong passwords and codes within a session count against: this session alone."""
    return {CONFIRM: f"{CONFIRM}:{session_id}"}


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
    counters = LoginFailure.objects.filter(subject__in=subjects.values())
    locked = dict(counters.values_list("subject", "locked_until"))
    _refuse_locked(locked, subjects)
    return set(locked)


def require_unlocked_locking(subjects: dict[str, str]) -> None:
    """The same with the counters locked until the caller's transaction ends: who waits sees what failed.

    Raises:
        RateLimited: as `require_unlocked`.
    """
    rows = login_failures_lock(list(subjects.values()))
    _refuse_locked({row.subject: row.locked_until for row in rows}, subjects)


@transactional
def counters_create(subjects: set[str]) -> None:
    """Make counters before they are locked: insert and lock in one transaction make others deadlock."""
    missing = [LoginFailure(subject=subject) for subject in sorted(subjects)]
    LoginFailure.objects.bulk_create(missing, ignore_conflicts=True)


def failure_record(subjects: dict[str, str]) -> list[str]:
    """Count one failure of each subject in the caller's transaction; returns the kinds now locked.

    Raises:
        RateLimited: other failures locked a subject while this password was checked, so that guesses sent
            at once are not more than guesses sent one by one.
    """
    now, locked = clock.real_now(), []
    rows = {row.subject: row for row in login_failures_lock(list(subjects.values()))}
    _refuse_locked({subject: row.locked_until for subject, row in rows.items()}, subjects)
    for kind, subject in subjects.items():
        row, rate = rows.get(subject), _rate(kind)
        if row is None or rate is None:
            continue
        after = failure_add(_count(row), now=now, limit=rate.count, window_seconds=rate.seconds)
        if after.locked_until is not None and after.locked_until > now:
            locked.append(kind)
        for name in FailureCount.__dataclass_fields__:
            setattr(row, name, getattr(after, name))
        row.save()
    return locked


def forget(subjects: dict[str, str], *, locks: bool = False) -> None:
    """The right secret was given: what failed before counts against the IP only.

    Args:
        locks: also end a lock that is on. Who only gave the right secret must not: the lock may have come
            while it was checked, and then it holds for them too.
    """
    own = LoginFailure.objects.filter(
        subject__in=[subject for kind, subject in subjects.items() if kind != ADDRESS]
    )
    if not locks:
        own = own.filter(Q(locked_until=None) | Q(locked_until__lte=clock.real_now()))
    own.update(failures_count=0, strikes_count=0, locked_until=None)


def _refuse_locked(locked: Mapping[str, datetime | None], subjects: dict[str, str]) -> None:
    ends = [locked.get(subject) for kind, subject in subjects.items() if _rate(kind)]
    _refuse(max(filter(None, ends), default=None))


def _refuse(until: datetime | None) -> None:
    wait = (until - clock.real_now()).total_seconds() if until is not None else 0
    if wait > 0:
        raise RateLimited(retry_after=math.ceil(wait))


def _rate(kind: str) -> Rate | None:
    return parse_rate(settings.RATE_LOGIN_IP if kind == ADDRESS else settings.RATE_LOGIN_ACCOUNT)


def _count(row: LoginFailure) -> FailureCount:
    return FailureCount(*(getattr(row, name) for name in FailureCount.__dataclass_fields__))
