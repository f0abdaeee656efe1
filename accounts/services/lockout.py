"""Counting wrong passwords and codes in the database, so that no lost cache and no restart forgets them.

What is counted depends on where the guess comes from, so that guesses from outside disturb nobody inside:

- `account` and `ip`: passwords of new logins;
- `factor` and `ip`: second factors of new logins;
- `confirm`: passwords and codes given within a session, by session.
"""

import math

from django.conf import settings

from accounts.locks import login_failures_lock
from accounts.models import LoginFailure
from accounts.rules import FailureCount, failure_add, network_counted
from ogc import clock
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


def require_unlocked(subjects: dict[str, str]) -> set[str]:
    """Go on only when none of the subjects is locked; one query.

    Raises:
        RateLimited: `details.retry_after` in seconds.

    Returns:
        The subjects that have a counter.
    """
    rows = {row.subject: row for row in LoginFailure.objects.filter(subject__in=subjects.values())}
    _refuse_locked(rows, subjects)
    return set(rows)


def require_unlocked_locking(subjects: dict[str, str]) -> None:
    """The same with the counters locked until the caller's transaction ends: who waits sees what failed.

    Raises:
        RateLimited: as `require_unlocked`.
    """
    rows = {row.subject: row for row in login_failures_lock(list(subjects.values()))}
    _refuse_locked(rows, subjects)


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
    _refuse_locked(rows, subjects)
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


def forget(subjects: dict[str, str]) -> None:
    """The right secret was given: what failed before counts against the IP only."""
    own = [subject for kind, subject in subjects.items() if kind != ADDRESS]
    LoginFailure.objects.filter(subject__in=own).update(failures_count=0, strikes_count=0, locked_until=None)


def _refuse_locked(rows: dict[str, LoginFailure], subjects: dict[str, str]) -> None:
    now = clock.real_now()
    waits = [
        (row.locked_until - now).total_seconds()
        for kind, subject in subjects.items()
        if (row := rows.get(subject)) and row.locked_until and _rate(kind)
    ]
    if waits and max(waits) > 0:
        raise RateLimited(retry_after=math.ceil(max(waits)))


def _rate(kind: str) -> Rate | None:
    return parse_rate(settings.RATE_LOGIN_IP if kind == ADDRESS else settings.RATE_LOGIN_ACCOUNT)


def _count(row: LoginFailure) -> FailureCount:
    return FailureCount(*(getattr(row, name) for name in FailureCount.__dataclass_fields__))
