"""Sessions: where they end, and what is written of it."""

import pytest

from accounts.constants import SessionEnd
from accounts.locks import user_lock
from accounts.models import Activity, Revocation, Session
from accounts.services import logout, logout_all, user_logout
from accounts.services.sessions import sessions_end
from accounts.tokens import access_token_check
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import run_in_transaction
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def user():
    return UserFactory()


def session_of(granted):
    return Session.objects.get(public_id=access_token_check(granted.access).session_id)


def actor_of(user, granted):
    return Actor(kind="user", user_id=user.public_id, session_id=session_of(granted).public_id)


def lines():
    return [(line.kind, line.session_id, line.details) for line in Activity.objects.order_by("pk")]


def end(user, reason, **which):
    return run_in_transaction(lambda: sessions_end(user_lock(user.pk), reason, **which))


def test_all_sessions_but_one_end(user):
    mine, others = session_of(login_as(user)), [session_of(login_as(user)) for _ in range(2)]
    foreign = session_of(login_as(UserFactory()))
    assert end(user, SessionEnd.PASSWORD, except_session_id=mine.public_id) == 2
    assert set(Session.objects.filter(ended_at=None)) == {mine, foreign}
    assert set(Session.objects.filter(end_reason="password")) == set(others)
    assert set(Revocation.objects.values_list("subject", flat=True)) == {one.public_id for one in others}
    assert lines() == [("sessions_ended", None, {"reason": "password", "count": 2})]


def test_ending_what_is_over_writes_nothing(user):
    granted = login_as(user)
    logout(actor=actor_of(user, granted))
    before = (lines(), Revocation.objects.count(), session_of(granted).ended_at)
    assert end(user, SessionEnd.PASSWORD) == 0
    assert end(user, SessionEnd.REVOKED, session_id=session_of(granted).public_id) == 0
    assert (lines(), Revocation.objects.count(), session_of(granted).ended_at) == before


def test_each_way_out_is_one_line_with_its_reason(user):
    granted = login_as(user)
    logout(actor=actor_of(user, granted))
    assert lines() == [("session_ended", session_of(granted).pk, {"reason": "logout"})]
    Activity.objects.all().delete()
    first, _ = login_as(user), login_as(user)
    assert logout_all(actor=actor_of(user, first)) == 2
    login_as(user)
    assert user_logout(actor=SYSTEM, user_id=user.public_id, reason="lost device") == 1
    assert lines() == [
        ("sessions_ended", None, {"reason": "logout_all", "count": 2}),
        ("sessions_ended", None, {"reason": "staff", "count": 1}),
    ]
