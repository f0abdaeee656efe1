"""Login and its lockout."""

from datetime import timedelta

import pytest

from accounts.errors import InvalidCredentials
from accounts.hashers import PlatformArgon2Hasher
from accounts.models import LoginFailure, RefreshToken, Session
from accounts.services import lockout, login, refresh
from accounts.services.sessions import refresh_hash
from accounts.tokens import access_token_check
from ogc import clock, context
from ogc.actors import ANONYMOUS
from ogc.context import RequestContext
from ogc.errors import AccountDisabled, RateLimited
from ogc.models import DomainEvent
from tests.accounts.statements import whole_call
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def from_an_address():
    """Requests come from somewhere."""
    token = context.enter(
        RequestContext(request_id="r", correlation_id="r", ip="192.0.2.7", user_agent="Test/1")
    )
    yield
    context.leave(token)


@pytest.fixture
def real_clock(monkeypatch):
    """Real time that the test moves."""
    start = clock.real_now()
    moved = {"by": timedelta(0)}
    monkeypatch.setattr(clock, "real_now", lambda: start + moved["by"])
    return lambda **span: moved.update(by=moved["by"] + timedelta(**span))


def enter(email, password=PASSWORD, **more):
    return login(actor=ANONYMOUS, email=email, password=password, **more)


def test_a_login_opens_a_session_and_keeps_only_hashes():
    user = UserFactory(plan="pro")
    granted = enter(user.email.upper())
    session = Session.objects.get()
    claims = access_token_check(granted.access)
    assert (claims.user_id, claims.session_id, claims.plan) == (user.public_id, session.public_id, "pro")
    assert (session.ip, session.user_agent, session.transport) == ("192.0.2.7", "Test/1", "cookie")
    token = RefreshToken.objects.get()
    assert token.token_hash == refresh_hash(granted.refresh)
    assert granted.refresh not in str(RefreshToken.objects.values().get())
    assert DomainEvent.objects.get(name="accounts.logged_in").payload == {
        "user_id": user.public_id,
        "session_id": session.public_id,
    }


def test_a_wrong_password_and_an_unknown_address_look_the_same():
    user = UserFactory()
    refusals = []
    for email in (user.email, "nobody@example.org"):
        with pytest.raises(InvalidCredentials) as refused:
            enter(email, "wrong wrong wrong")
        refusals.append((refused.value.code, refused.value.text, refused.value.details))
    assert refusals[0] == refusals[1]
    assert not Session.objects.exists()


def test_unknown_addresses_and_unusable_passwords_cost_one_hash_too(monkeypatch):
    known, closed = UserFactory(), UserFactory(password="!unusable")
    calls = []
    original = PlatformArgon2Hasher.verify
    monkeypatch.setattr(PlatformArgon2Hasher, "verify", lambda *args: calls.append(1) or original(*args))
    for email in (known.email, closed.email, "nobody@example.org"):
        calls.clear()
        with pytest.raises(InvalidCredentials):
            enter(email, "wrong wrong wrong")
        assert len(calls) == 1


def test_the_suspended_are_told_so_only_with_the_right_password():
    user = UserFactory(suspended=True)
    with pytest.raises(AccountDisabled):
        enter(user.email)
    with pytest.raises(InvalidCredentials):
        enter(user.email, "wrong wrong wrong")
    assert not Session.objects.exists()


def test_a_suspension_that_is_over_lets_in_before_its_job_ran():
    user = UserFactory(suspended=True, suspended_until=clock.now() - timedelta(seconds=1))
    assert enter(user.email).user.id == user.public_id


@pytest.mark.parametrize("known", [True, False])
def test_the_sixth_try_is_refused_even_with_the_right_password(settings, real_clock, known):
    settings.RATE_LOGIN_ACCOUNT = "5/5m"
    email = UserFactory().email if known else "nobody@example.org"
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            enter(email, "wrong wrong wrong")
    with pytest.raises(RateLimited) as refused:
        enter(email)
    assert refused.value.details == {"retry_after": 300}
    real_clock(seconds=299)
    with pytest.raises(RateLimited) as refused:
        enter(email)
    assert refused.value.details == {"retry_after": 1}
    real_clock(seconds=2)
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            enter(email, "wrong wrong wrong")
    with pytest.raises(RateLimited) as refused:
        enter(email)
    assert refused.value.details == {"retry_after": 600}


def test_a_right_guess_is_not_told_when_others_locked_the_account_meanwhile(settings, monkeypatch):
    settings.RATE_LOGIN_ACCOUNT = "1/5m"
    user = UserFactory()
    original = PlatformArgon2Hasher.verify

    def fails_elsewhere_first(*args: object) -> bool:
        monkeypatch.setattr(PlatformArgon2Hasher, "verify", original)
        with pytest.raises(InvalidCredentials):
            login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong")
        return original(*args)

    monkeypatch.setattr(PlatformArgon2Hasher, "verify", fails_elsewhere_first)
    with pytest.raises(RateLimited):
        login(actor=ANONYMOUS, email=user.email, password=PASSWORD)
    assert not Session.objects.exists()


def test_the_right_password_forgets_what_failed_for_the_account_but_not_for_the_address(settings):
    settings.RATE_LOGIN_ACCOUNT, settings.RATE_LOGIN_IP = "5/5m", "9/5m"
    user = UserFactory()
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(InvalidCredentials):
                enter(user.email, "wrong wrong wrong")
        enter(user.email)
    counts = dict(LoginFailure.objects.values_list("subject", "failures_count"))
    assert counts == {"ip:192.0.2.7": 8, lockout.subjects_of(user.email, "")["account"]: 0}
    with pytest.raises(InvalidCredentials):
        enter("somebody@example.org", "wrong wrong wrong")
    with pytest.raises(RateLimited):
        enter(user.email)


def test_one_locked_account_does_not_lock_another_nor_its_own_sessions(settings):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    victim, other = UserFactory(), UserFactory()
    granted = enter(victim.email)
    for _ in range(2):
        with pytest.raises(InvalidCredentials):
            enter(victim.email, "wrong wrong wrong")
    with pytest.raises(RateLimited):
        enter(victim.email)
    assert enter(other.email)
    assert refresh(actor=ANONYMOUS, token=granted.refresh).user.id == victim.public_id


def test_off_counts_nothing(settings):
    settings.RATE_LOGIN_ACCOUNT = settings.RATE_LOGIN_IP = "off"
    user = UserFactory()
    for _ in range(7):
        with pytest.raises(InvalidCredentials):
            enter(user.email, "wrong wrong wrong")
    assert enter(user.email)
    assert not LoginFailure.objects.exclude(failures_count=0).exists()


def test_counters_hold_no_address_of_anybody():
    with pytest.raises(InvalidCredentials):
        enter("secret-typed-here@example.org", "wrong wrong wrong")
    subject = LoginFailure.objects.get(subject__startswith="account:").subject
    assert "secret" not in subject
    assert subject == lockout.subjects_of("secret-typed-here@example.org", "")[lockout.ACCOUNT]


def test_a_password_that_changed_while_it_was_checked_opens_nothing(monkeypatch):
    user = UserFactory()
    original = PlatformArgon2Hasher.verify

    def changes_elsewhere(*args: object) -> bool:
        matches = original(*args)
        changed = type(user).objects.get(pk=user.pk)
        changed.set_password("another long sentence")
        changed.save()
        return matches

    monkeypatch.setattr(PlatformArgon2Hasher, "verify", changes_elsewhere)
    with pytest.raises(InvalidCredentials):
        enter(user.email)
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.mariadb
def test_a_login_costs_ten_statements_and_a_refresh_eight_with_begin_and_commit():
    user = UserFactory()
    granted = enter(user.email)
    assert len(whole_call(lambda: enter(user.email))) == 10
    assert len(whole_call(lambda: refresh(actor=ANONYMOUS, token=granted.refresh))) == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.mariadb
def test_a_failure_costs_the_same_statements_for_known_and_unknown_addresses(settings):
    """The first, which makes counters, one more, the one that locks, and what is refused then."""
    settings.RATE_LOGIN_ACCOUNT = "3/5m"

    def fails(email: str) -> None:
        with pytest.raises((InvalidCredentials, RateLimited)):
            enter(email, "wrong wrong wrong")

    fails("somebody@example.org")
    user = UserFactory()
    tries = [
        [whole_call(lambda email=email: fails(email)) for _ in range(4)]
        for email in (user.email, "nobody@example.org")
    ]
    assert tries[0] == tries[1]
    assert [len(statements) for statements in tries[0]] == [11, 8, 10, 1]


def test_a_right_password_ends_no_lock_that_came_while_it_was_checked(settings, monkeypatch):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    user = UserFactory()
    with pytest.raises(InvalidCredentials):
        enter(user.email, "wrong wrong wrong")
    original = PlatformArgon2Hasher.verify

    def fails_elsewhere_first(*args: object) -> bool:
        monkeypatch.setattr(PlatformArgon2Hasher, "verify", original)
        with pytest.raises(InvalidCredentials):
            enter(user.email, "wrong wrong wrong")
        return original(*args)

    monkeypatch.setattr(PlatformArgon2Hasher, "verify", fails_elsewhere_first)
    for _ in range(2):
        with pytest.raises(RateLimited):
            enter(user.email)
    assert not Session.objects.exists()
