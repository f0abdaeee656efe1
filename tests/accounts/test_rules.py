"""Addresses, passwords, lockout arithmetic, and who may act on whom."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import FailureCount, email_normalise, failure_add, password_is_like, require_not_above
from ogc.actors import Actor
from ogc.errors import RoleTooHigh

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written, kept",
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("\uff41da@example.org", "ada@example.org"),
    ],
)
def test_one_spelling_for_all_ways_to_write_an_address(written, kept):
    assert email_normalise(written) == kept


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text):
    once = email_normalise(text)
    assert email_normalise(once) == once


@pytest.mark.parametrize(
    "password, like",
    [
        ("ada.lovelace@example.org", True),
        ("Lovelace12", True),
        ("1lovelace1", True),
        ("lovelace and many other words", False),
        ("correct horse battery", False),
        ("exam ple org", False),
    ],
)
def test_passwords_like_their_owner(password, like):
    assert password_is_like(password, ["ada.lovelace@example.org", "Ada Lovelace"]) is like


def fail(before, seconds, *, limit=5, window=300):
    return failure_add(before, now=NOW + timedelta(seconds=seconds), limit=limit, window_seconds=window)


def test_the_fifth_failure_in_a_window_locks_for_a_window():
    count = None
    for second in range(4):
        count = fail(count, second)
        assert count.locked_until is None
        assert count.failures_count == second + 1
    count = fail(count, 4)
    assert count == FailureCount(
        0, 1, NOW + timedelta(seconds=4), NOW + timedelta(seconds=4), NOW + timedelta(seconds=304)
    )


def test_failures_of_an_older_window_do_not_count():
    count = None
    for second in (0, 1, 2, 3, 301):
        count = fail(count, second)
    assert count.failures_count == 1
    assert count.locked_until is None


def test_each_strike_doubles_the_wait_up_to_an_hour_and_a_day_forgets():
    count, at, waits = None, 0, []
    for _ in range(7):
        for _ in range(5):
            count = fail(count, at)
        waits.append((count.locked_until - NOW).total_seconds() - at)
        at += int(waits[-1]) + 1
    assert waits == [300, 600, 1200, 2400, 3600, 3600, 3600]
    at += 86_400
    for _ in range(5):
        count = fail(count, at)
    assert (count.locked_until - NOW).total_seconds() - at == 300


def test_staff_with_a_scope_that_the_caller_lacks_are_above_them():
    moderator = Actor(
        kind="user", roles=frozenset({"moderator"}), scopes=frozenset({"self", "moderation.write"})
    )
    admin = Actor(
        kind="user", roles=frozenset({"admin"}), scopes=frozenset({"self", "moderation.write", "users.write"})
    )
    partner = Actor(
        kind="user", roles=frozenset({"partner"}), scopes=frozenset({"self", "challenge.propose"})
    )
    with pytest.raises(RoleTooHigh) as refused:
        require_not_above(moderator, admin)
    assert refused.value.details == {"scopes": ["users.write"]}
    require_not_above(admin, moderator)
    require_not_above(moderator, partner)
