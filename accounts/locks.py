"""Row locks of the accounts app. Order: user, then its sessions, then their tokens."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery

from accounts.models import LoginFailure, RefreshToken, ServiceToken, SigningKey, User
from ogc.db.statements import SelectStatement, Slots, columns_of, instance_of

SUBJECTS = ("subject0", "subject1")
"""Slots of the statements that look at counters: a login has two, of its account and of its address."""


def _users(slots: Slots) -> "QuerySet[User, Any]":
    return User.objects.select_for_update().filter(pk=slots.number("pk")).order_by()


def _users_of_login(slots: Slots) -> "QuerySet[User, Any]":
    counters = LoginFailure.objects.filter(subject__in=[slots.text(name) for name in SUBJECTS])
    last = counters.filter(locked_until__isnull=False).order_by("-locked_until").values("locked_until")
    return _users(slots).annotate(locked_until=Subquery(last[:1]))


def _users_of_token(slots: Slots) -> "QuerySet[User, Any]":
    owner = RefreshToken.objects.filter(token_hash=slots.text("token_hash")).values("session__user_id")
    return User.objects.select_for_update().filter(pk=Subquery(owner)).order_by()


_LOCK = SelectStatement(lambda slots: _users(slots).values_list(*columns_of(User)))
_LOCK_OF_LOGIN = SelectStatement(
    lambda slots: _users_of_login(slots).values_list(*columns_of(User), "locked_until")
)
_LOCK_OF_TOKEN = SelectStatement(lambda slots: _users_of_token(slots).values_list(*columns_of(User)))


def user_lock(user_pk: int) -> User:
    """The user row, locked until the transaction ends. Raises: User.DoesNotExist."""
    row = _LOCK.first(pk=user_pk)
    if row is None:
        raise User.DoesNotExist
    return instance_of(User, row)


def user_lock_of_login(user_pk: int, subjects: list[str]) -> tuple[User, datetime | None]:
    """The user row, locked, and until when one of these counters (two at most) is locked; one query.

    The counters are only read, at the latest when the query begins to wait for the row.

    Raises:
        User.DoesNotExist: as it says.
    """
    wanted = dict(zip(SUBJECTS, [*subjects, "", ""], strict=False))
    row = _LOCK_OF_LOGIN.first(pk=user_pk, **wanted)
    if row is None:
        raise User.DoesNotExist
    return instance_of(User, row), row[-1]


def user_lock_of_token(token_hash: str) -> User | None:
    """The user whose refresh token this is, locked; whose a token is never changes. None: no such token."""
    row = _LOCK_OF_TOKEN.first(token_hash=token_hash)
    return None if row is None else instance_of(User, row)


def login_failures_lock(subjects: list[str]) -> list[LoginFailure]:
    """The counters of these subjects that exist, locked in one fixed order.

    They are looked up by row number: by subject a small table is scanned, which locks rows of others.
    """
    wanted: list[Any] = [Subquery(LoginFailure.objects.filter(subject=one).values("pk")) for one in subjects]
    return list(LoginFailure.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def service_token_lock(token_id: str) -> ServiceToken | None:
    """The living service token with this public id, or None."""
    tokens = ServiceToken.objects.select_for_update().filter(public_id=token_id, revoked_at=None)
    return tokens.order_by("pk").first()


def signing_keys_lock() -> list[SigningKey]:
    """All keys of access tokens, locked in the order in which they were made: one rotation at a time."""
    return list(SigningKey.objects.select_for_update().order_by("pk"))
