"""What guessing from outside can't do to who is inside, and how addresses are counted."""

from datetime import timedelta

import pytest

from accounts import rules
from accounts.models import Activity, LoginFailure, MailRequest, Session
from accounts.services.lockout import forget_old_password
from ogc import clock
from ogc.db.transactions import run_in_transaction
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.factors import code_of, totp_on, wrong_code

pytestmark = pytest.mark.django_db

WRONG = "wrong wrong wrong"


@pytest.fixture
def user(settings):
    settings.RATE_LOGIN_ACCOUNT = "3/5m"
    return UserFactory(email="victim@example.org")


def log_in(api, user, password=PASSWORD, **headers):
    return api.post("auth/login", {"email": user.email, "password": password}, headers=headers)


def guess_passwords(api, user):
    for _ in range(3):
        assert log_in(api, user, WRONG).status_code == 401
    assert log_in(api, user).status_code == 429


def test_an_account_locked_from_outside_goes_on_inside(api, user):
    granted = login_as(user)
    guess_passwords(api, user)
    client = api.with_token(granted.access)
    assert client.get("auth/me").status_code == 200
    assert client.post("auth/step-up", {"password": PASSWORD}).status_code == 204
    assert api.post("auth/refresh", {"refresh": granted.refresh}).status_code == 200
    client = api.as_user(user, session_id=granted.session_id)
    assert client.post("auth/2fa/setup").status_code == 200
    assert client.post("auth/logout").status_code == 204


def test_a_second_factor_locked_from_outside_goes_on_inside(api, user):
    totp_on(user)
    granted = login_as(user)
    for _ in range(3):
        token = log_in(api, user).json()["mfa_token"]
        body = {"mfa_token": token, "code": wrong_code(code_of(user))}
        assert api.post("auth/2fa/verify", body).status_code == 401
    token = log_in(api, user).json()["mfa_token"]
    assert api.post("auth/2fa/verify", {"mfa_token": token, "code": code_of(user)}).status_code == 429
    client = api.as_user(user, session_id=granted.session_id)
    assert client.post("auth/step-up", {"code": code_of(user)}).status_code == 204


def test_a_lock_is_told_once_and_not_with_each_failure(api, user, drain):
    for _ in range(2):
        log_in(api, user, WRONG)
    drain()
    assert not Activity.objects.filter(kind="locked").exists()
    for _ in range(5):
        log_in(api, user, WRONG, **{"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"})
    assert not Activity.objects.exists()
    assert user.email not in str(DomainEvent.objects.values())
    drain()
    assert not MailRequest.objects.exists()
    lines = Activity.objects.filter(kind="locked")
    assert [(line.details, line.ip, line.device) for line in lines] == [
        ({"what": "account"}, "127.0.0.1", "Firefox on Linux")
    ]
    alerts = DomainEvent.objects.filter(name="accounts.security_alert")
    assert [event.payload["kind"] for event in alerts] == ["locked"]


def test_nobody_is_told_of_a_lock_of_an_address_that_nobody_has(api, settings, drain):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    for _ in range(3):
        api.post("auth/login", {"email": "nobody@example.org", "password": WRONG})
    assert MailRequest.objects.count() == 1
    drain()
    assert not Activity.objects.exists()
    assert not MailRequest.objects.exists()


def session_of(api, user, method="password"):
    session_id = login_as(user).session_id
    Session.objects.filter(public_id=session_id).update(method=method)
    return api.as_user(user, session_id=session_id)


def guess(client, times=1):
    """Answers to guesses of the password, all wrong."""
    return [client.post("auth/step-up", {"password": WRONG}).status_code for _ in range(times)]


def everywhere():
    return LoginFailure.objects.get(subject__startswith="confirms:")


def test_one_session_that_guesses_locks_no_other(api, user):
    guesser = session_of(api, user)
    assert guess(guesser, 5) == [400] * 3 + [429] * 2
    assert (everywhere().failures_count, everywhere().locked_until) == (3, None)
    for method in ("password", "wallet", "passkey"):
        assert session_of(api, user, method).post("auth/step-up", {"password": PASSWORD}).status_code == 204
    assert log_in(api, user).status_code == 200


def test_many_sessions_that_guess_are_locked_together_and_lock_out_nobody_else(api, user):
    before, guessers = session_of(api, user), [session_of(api, user, "wallet") for _ in range(6)]
    for guesser in guessers[:4]:
        assert guess(guesser, 3) == [400] * 3
    assert everywhere().strikes_count == 1
    assert [guess(guesser) for guesser in guessers[4:]] == [[429]] * 2
    assert guess(session_of(api, user, "passkey")) == [429]
    lines = Activity.objects.filter(kind="locked").order_by("pk")
    assert [line.details["what"] for line in lines] == ["confirm"] * 3 + ["confirms"]

    assert before.post("auth/step-up", {"password": PASSWORD}).status_code == 204
    assert log_in(api, user).status_code == 200
    assert session_of(api, user).post("auth/step-up", {"password": PASSWORD}).status_code == 204
    assert everywhere().strikes_count == 1


def test_a_session_that_failed_itself_is_held_with_the_others(api, user):
    mine = session_of(api, user)
    assert guess(mine) == [400]
    for guesser in [session_of(api, user, "wallet") for _ in range(4)]:
        guess(guesser, 3)
    assert mine.post("auth/step-up", {"password": PASSWORD}).status_code == 429
    other = session_of(api, user)
    assert guess(other, 2) == [400, 429]


def test_the_wait_of_all_sessions_grows_and_a_reset_ends_it(api, user, monkeypatch):
    start, moved = clock.real_now(), {"by": timedelta(0)}
    monkeypatch.setattr(clock, "real_now", lambda: start + moved["by"])
    waits = []
    for _ in range(3):
        for guesser in [session_of(api, user, "wallet") for _ in range(4)]:
            assert guess(guesser, 3) == [400] * 3
        refused = session_of(api, user, "wallet").post("auth/step-up", {"password": PASSWORD})
        waits.append(int(refused["Retry-After"]))
        moved["by"] += timedelta(seconds=waits[-1] + 1)
    assert waits == [300, 600, 1200]
    guess(session_of(api, user, "wallet"))
    run_in_transaction(lambda: forget_old_password(user))
    assert (everywhere().failures_count, everywhere().strikes_count) == (0, 0)


def test_who_knows_the_password_does_not_guess_codes_for_ever(api, user):
    """The right password wiped out the session's failures, those of codes too."""
    totp_on(user)
    client = session_of(api, user)
    answers = []
    for _ in range(3):
        answers.append(client.post("auth/step-up", {"code": wrong_code(code_of(user))}).status_code)
        body = {"old_password": PASSWORD, "new_password": "short"}
        answers.append(client.post("auth/change-password", body).status_code)
    assert answers == [401, 400, 401, 400, 401, 429]


def test_the_second_factor_waits_longer_with_each_lock(api, user, monkeypatch):
    totp_on(user)
    start, moved = clock.real_now(), {"by": timedelta(0)}
    monkeypatch.setattr(clock, "real_now", lambda: start + moved["by"])
    waits = []
    for _ in range(3):
        for _ in range(3):
            token = log_in(api, user).json()["mfa_token"]
            body = {"mfa_token": token, "code": "no code"}
            assert error_code(api.post("auth/2fa/verify", body)) == "AUTH_MFA_INVALID"
        token = log_in(api, user).json()["mfa_token"]
        locked = api.post("auth/2fa/verify", {"mfa_token": token, "code": code_of(user)})
        waits.append(int(locked["Retry-After"]))
        moved["by"] += timedelta(seconds=waits[-1] + 1)
    assert waits == [300, 600, 1200]
    token = log_in(api, user).json()["mfa_token"]
    assert api.post("auth/2fa/verify", {"mfa_token": token, "code": code_of(user)}).status_code == 200
    assert not LoginFailure.objects.filter(subject__startswith="factor:").exclude(strikes_count=0).exists()
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "ip, counted",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_ipv6_counts_by_the_network_of_one_customer(ip, counted):
    assert rules.network_counted(ip) == counted


@pytest.mark.parametrize(
    "text, plain",
    [
        ("7K2M-Q9XD-4TBW", "7K2MQ9XD4TBW"),
        (" 7k2m q9xd 4tbw ", "7K2MQ9XD4TBW"),
        ("7K2M–Q9XD—4TBW", "7K2MQ9XD4TBW"),
        ("o0il_-1", "00111"),
        ("", ""),
    ],
)
def test_recovery_codes_have_one_spelling(text, plain):
    assert rules.recovery_code_plain(text) == plain
