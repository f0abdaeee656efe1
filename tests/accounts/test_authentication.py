"""Who sends a request: without a query, and never longer than two seconds wrong."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts import authentication, revocations, service_tokens
from accounts.authentication import actor_of_header
from accounts.models import Revocation
from accounts.services import (
    claims_changed,
    logout,
    logout_all,
    refresh,
    service_token_create,
    service_token_revoke,
    suspension_lift,
    user_reinstate,
    user_suspend,
)
from ogc import clock, reader
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.errors import AccountDisabled, TokenExpired, TokenInvalid
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def user():
    return UserFactory(plan="pro")


@pytest.fixture
def another_process(django_capture_on_commit_callbacks):
    """Runs a change as another process would: nothing reaches this memory but by the reader."""

    def run(change):
        with django_capture_on_commit_callbacks(execute=False):
            change()

    return run


@pytest.fixture
def this_process(django_capture_on_commit_callbacks):
    """Runs a change and what follows its commit."""

    def run(change):
        with django_capture_on_commit_callbacks(execute=True):
            change()

    return run


def header(granted):
    return f"Bearer {granted.access}"


def test_a_token_is_an_actor_without_a_query(user, django_assert_num_queries):
    user.groups.add(Group.objects.get(name="judge"))
    granted = login_as(user)
    with django_assert_num_queries(0):
        first, second = actor_of_header(header(granted)), actor_of_header(header(granted))
    assert first is second
    assert (first.kind, first.user_id, first.plan) == ("user", user.public_id, "pro")
    assert first.roles == {"user", "judge"}
    assert first.scopes == {"self", "submission.judge"}


@pytest.mark.parametrize(
    "text", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer " + "x" * 5000, "Bearer \udce9"]
)
def test_other_headers_are_refused(text):
    with pytest.raises(TokenInvalid):
        actor_of_header(text)


def test_the_scheme_is_read_in_any_case(user):
    granted = login_as(user)
    assert actor_of_header(f"bearer {granted.access}").user_id == user.public_id


def test_a_remembered_token_still_expires(user):
    granted = login_as(user)
    actor_of_header(header(granted))
    clock.apply_offset(timedelta(seconds=901))
    for _ in range(2):
        with pytest.raises(TokenExpired):
            actor_of_header(header(granted))


def test_what_is_remembered_is_bounded(user, monkeypatch):
    monkeypatch.setattr(authentication, "CACHE_MAX_TOKENS", 3)
    tokens = [login_as(user) for _ in range(5)]
    for granted in tokens:
        actor_of_header(header(granted))
    assert len(authentication._verified) == 3
    assert actor_of_header(header(tokens[0])).user_id == user.public_id


def test_an_ended_session_is_refused_here_at_once_and_elsewhere_by_the_next_read(
    user, this_process, another_process, django_assert_num_queries
):
    here, there = login_as(user), login_as(user)
    this_process(lambda: logout(actor=actor_of_header(header(here))))
    with pytest.raises(TokenInvalid):
        actor_of_header(header(here))
    another_process(lambda: logout(actor=actor_of_header(header(there))))
    assert actor_of_header(header(there))
    reader.refresh()
    with django_assert_num_queries(0), pytest.raises(TokenInvalid):
        actor_of_header(header(there))


def test_logging_out_everywhere_ends_every_session_and_no_one_elses(user, another_process):
    mine, others = [login_as(user) for _ in range(3)], login_as(UserFactory())
    another_process(lambda: logout_all(actor=actor_of_header(header(mine[0]))))
    revocations.load()
    for granted in mine:
        with pytest.raises(TokenInvalid):
            actor_of_header(header(granted))
    assert actor_of_header(header(others))


def test_suspension_wins_over_the_ended_session_and_reinstating_lifts_it(user, another_process):
    granted = login_as(user)
    another_process(lambda: user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test"))
    revocations.load()
    with pytest.raises(AccountDisabled):
        actor_of_header(header(granted))
    another_process(lambda: user_reinstate(actor=SYSTEM, user_id=user.public_id))
    revocations.load()
    with pytest.raises(TokenInvalid):
        actor_of_header(header(granted))
    assert actor_of_header(header(login_as(user)))
    revocations.load()
    assert actor_of_header(header(login_as(user)))


def test_an_older_read_does_not_undo_what_is_known(user, this_process):
    this_process(lambda: user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test"))
    old = list(Revocation.objects.order_by("pk"))
    this_process(lambda: user_reinstate(actor=SYSTEM, user_id=user.public_id))
    revocations.note(old)
    assert actor_of_header(header(login_as(user)))


def test_a_suspension_ends_by_itself(user, this_process):
    this_process(
        lambda: user_suspend(
            actor=SYSTEM, user_id=user.public_id, reason="test", until=clock.now() + timedelta(minutes=5)
        )
    )
    clock.apply_offset(timedelta(minutes=6))
    assert actor_of_header(header(login_as(user)))
    assert suspension_lift(user_pk=user.pk) is True
    assert suspension_lift(user_pk=user.pk) is False
    user.refresh_from_db()
    assert (user.status, user.suspended_until) == ("active", None)


def test_changed_claims_expire_old_tokens_and_not_new_ones(user, another_process):
    granted = login_as(user)
    another_process(lambda: claims_changed(user_pk=user.pk))
    revocations.load()
    with pytest.raises(TokenExpired):
        actor_of_header(header(granted))
    renewed = refresh(actor=ANONYMOUS, token=granted.refresh)
    assert actor_of_header(header(renewed)).user_id == user.public_id


def test_a_change_that_is_rolled_back_revokes_nothing(user, this_process):
    granted = login_as(user)

    def fail():
        def change():
            claims_changed(user_pk=user.pk)
            raise LookupError

        with pytest.raises(LookupError):
            run_in_transaction(change)

    this_process(fail)
    revocations.load()
    assert actor_of_header(header(granted))


def test_a_process_that_starts_knows_the_whole_life_of_a_token(user, another_process, settings):
    granted = login_as(user)
    another_process(lambda: logout(actor=actor_of_header(header(granted))))
    aged = clock.real_now() - timedelta(seconds=settings.ACCESS_TOKEN_SECONDS - 1)
    Revocation.objects.update(valid_from=aged)
    revocations.load()
    with pytest.raises(TokenInvalid):
        actor_of_header(header(granted))
    Revocation.objects.update(valid_from=clock.real_now() - timedelta(seconds=61))
    revocations.forget_all()
    revocations.load()
    revocations._sessions.clear()
    revocations.load()
    assert not revocations._sessions


def test_a_process_that_could_not_read_for_minutes_catches_up(user, another_process, monkeypatch):
    granted, now = login_as(user), clock.real_now()
    revocations.load()
    another_process(lambda: logout(actor=actor_of_header(header(granted))))
    monkeypatch.setattr(clock, "real_now", lambda: now + timedelta(minutes=5))
    revocations.load()
    with pytest.raises(TokenInvalid):
        actor_of_header(header(granted))


def test_a_clock_that_was_set_back_hides_no_revocation(user, another_process, monkeypatch):
    granted, now = login_as(user), clock.real_now()
    with monkeypatch.context() as ahead:
        ahead.setattr(clock, "real_now", lambda: now + timedelta(hours=1))
        revocations.load()
    another_process(lambda: logout(actor=actor_of_header(header(granted))))
    revocations.load()
    with pytest.raises(TokenInvalid):
        actor_of_header(header(granted))


def test_what_no_token_can_meet_any_more_is_forgotten(user, this_process, settings, monkeypatch):
    granted = login_as(user)
    this_process(lambda: logout(actor=actor_of_header(header(granted))))
    revocations.load()
    assert len(revocations._sessions) == 1
    later = clock.real_now() + timedelta(seconds=settings.ACCESS_TOKEN_SECONDS + 120)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    revocations.load()
    assert not revocations._sessions


def test_a_late_reader_is_made_up_for_in_the_request(user, another_process, settings):
    granted = login_as(user)
    another_process(lambda: logout(actor=actor_of_header(header(granted))))
    settings.READER_MAX_AGE_SECONDS = 0
    with pytest.raises(TokenInvalid):
        actor_of_header(header(granted))


def test_service_tokens_hold_their_scopes_until_revoked_or_over(django_assert_num_queries):
    row, text = service_token_create(actor=SYSTEM, name="indexer", scopes=["tx.system"], days=30)
    assert text not in str(row.__dict__)
    with django_assert_num_queries(1):
        actor = actor_of_header(f"Bearer {text}")
        assert actor_of_header(f"Bearer {text}") is actor
    assert (actor.kind, actor.user_id, actor.key) == ("service", None, f"service:{row.public_id}")
    assert (actor.roles, actor.scopes) == ({"system"}, {"tx.system"})
    service_tokens.load()
    assert actor_of_header(f"Bearer {text}").token_id == row.public_id
    clock.apply_offset(timedelta(days=31))
    with pytest.raises(TokenExpired):
        actor_of_header(f"Bearer {text}")
    clock.apply_offset(timedelta(0))
    service_token_revoke(actor=SYSTEM, token_id=row.public_id)
    service_tokens.load()
    with pytest.raises(TokenInvalid):
        actor_of_header(f"Bearer {text}")
    with pytest.raises(TokenInvalid):
        actor_of_header("Bearer ogcs_unknown")
