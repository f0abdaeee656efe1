"""Rotation of refresh tokens: once, with a short grace for double calls, and an alarm for reuse."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from accounts import revocations
from accounts.errors import RefreshExpired, RefreshInvalid, RefreshReused, RefreshRevoked
from accounts.models import Activity, RefreshToken, Revocation, Session
from accounts.services import logout, refresh, user_suspend
from accounts.services.refresh import _unseal
from accounts.services.retention import successors_purge
from accounts.services.sessions import refresh_hash
from accounts.tokens import access_token_check
from governance.models import AuditRecord
from ogc.actors import ANONYMOUS, SYSTEM, Actor
from ogc.errors import AccountDisabled, TokenInvalid
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def user():
    return UserFactory()


def rotate(token):
    return refresh(actor=ANONYMOUS, token=token)


def row_of(token):
    return RefreshToken.objects.get(token_hash=refresh_hash(token))


def test_a_token_is_exchanged_for_its_successor(user, later):
    first = login_as(user)
    later(hours=1)
    second = rotate(first.refresh)
    assert second.refresh != first.refresh
    assert row_of(second.refresh).parent == row_of(first.refresh)
    claims = access_token_check(second.access)
    session = Session.objects.get()
    assert (claims.user_id, claims.session_id) == (user.public_id, session.public_id)
    assert session.last_used_at > session.created_at
    assert session.expires_at - session.last_used_at == timedelta(days=30)
    assert rotate(second.refresh).refresh not in (first.refresh, second.refresh)


def test_the_same_token_within_ten_seconds_gives_the_same_successor(user, later):
    first = login_as(user)
    second = rotate(first.refresh)
    later(seconds=9)
    again = rotate(first.refresh)
    assert again.refresh == second.refresh
    assert RefreshToken.objects.count() == 2
    assert rotate(second.refresh)


def test_the_same_token_later_than_that_ends_the_session(user, later, django_capture_on_commit_callbacks):
    first = login_as(user)
    second = rotate(first.refresh)
    session = Session.objects.get()
    later(seconds=10)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RefreshReused):
        rotate(first.refresh)
    session.refresh_from_db()
    assert (session.end_reason, session.ended_at is None) == ("refresh_reuse", False)
    assert Revocation.objects.get().subject == session.public_id
    lines = Activity.objects.filter(session=session).order_by("pk")
    assert [(line.kind, line.details) for line in lines] == [
        ("refresh_reused", {}),
        ("session_ended", {"reason": "refresh_reuse"}),
    ]
    record = AuditRecord.objects.get(action="auth.refresh_reused")
    assert (record.severity, record.target_id) == ("critical", user.public_id)
    with pytest.raises(TokenInvalid):
        revocations.check(user.public_id, session.public_id, 1)
    assert DomainEvent.objects.get(name="accounts.refresh_reused").payload == {
        "user_id": user.public_id,
        "session_id": session.public_id,
    }
    for token in (first.refresh, second.refresh):
        with pytest.raises(RefreshRevoked):
            rotate(token)
    assert DomainEvent.objects.filter(name="accounts.refresh_reused").count() == 1


def test_the_grace_is_for_the_parent_of_the_living_token_only(user):
    first = login_as(user)
    second = rotate(first.refresh)
    rotate(second.refresh)
    with pytest.raises(RefreshReused):
        rotate(first.refresh)
    assert Session.objects.get().end_reason == "refresh_reuse"


def test_reuse_ends_no_other_session(user, later):
    first, other = login_as(user), login_as(user)
    rotate(first.refresh)
    later(seconds=11)
    with pytest.raises(RefreshReused):
        rotate(first.refresh)
    assert rotate(other.refresh)


def test_the_successor_is_readable_by_the_holder_only_and_not_for_long(user, later):
    first = login_as(user)
    second = rotate(first.refresh)
    row = row_of(first.refresh)
    sealed = bytes(row.successor_sealed)
    assert second.refresh.encode() not in sealed
    assert _unseal(first.refresh, sealed) == second.refresh
    with pytest.raises(InvalidTag):
        _unseal(second.refresh, sealed)
    assert successors_purge() == 0
    later(seconds=10)
    assert successors_purge() == 1
    assert row_of(first.refresh).successor_sealed is None


@pytest.mark.parametrize("token", ["", "x", "é" * 20, "a" * 5000])
def test_what_is_no_refresh_token_is_invalid(token):
    with pytest.raises(RefreshInvalid):
        rotate(token)


def test_an_access_token_is_no_refresh_token(user):
    with pytest.raises(RefreshInvalid):
        rotate(login_as(user).access)


def test_a_token_dies_unused_after_thirty_days(user, later):
    first = login_as(user)
    later(days=30)
    with pytest.raises(RefreshExpired):
        rotate(first.refresh)


def test_a_used_token_is_an_alarm_for_as_long_as_its_session_lives(user, later):
    first = login_as(user)
    later(days=29)
    second = rotate(first.refresh)
    later(days=29)
    with pytest.raises(RefreshReused):
        rotate(first.refresh)
    with pytest.raises(RefreshRevoked):
        rotate(second.refresh)


def test_a_used_token_of_a_session_that_slept_too_long_is_only_too_late(user, later):
    first = login_as(user)
    rotate(first.refresh)
    later(days=30)
    with pytest.raises(RefreshExpired):
        rotate(first.refresh)
    assert not Activity.objects.exists()


def test_a_session_that_is_used_lives_on(user, later):
    token = login_as(user).refresh
    for _ in range(3):
        later(days=29)
        token = rotate(token).refresh


def test_logout_revokes_the_token(user):
    granted = login_as(user)
    logout(
        actor=Actor(
            kind="user", user_id=user.public_id, session_id=access_token_check(granted.access).session_id
        )
    )
    with pytest.raises(RefreshRevoked):
        rotate(granted.refresh)


def test_the_suspended_get_no_tokens(user):
    granted = login_as(user)
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test")
    with pytest.raises(AccountDisabled):
        rotate(granted.refresh)
    assert RefreshToken.objects.count() == 1
