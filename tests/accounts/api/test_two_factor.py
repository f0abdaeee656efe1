"""The authenticator app and the login with it, as a client sees them."""

from datetime import timedelta

import pyotp
import pytest

from accounts.constants import TokenTransport
from accounts.models import Activity, MfaChallenge, RecoveryCode, Session, TotpDevice, User
from accounts.services import mfa_verify, user_suspend
from accounts.services.mfa_challenges import mfa_challenge_open
from ogc import clock
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.factors import SEED, code_of, seed_of, totp_on, wrong_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org")


@pytest.fixture
def client(api, user):
    """The API with a login of just now."""
    return api.with_token(login_as(user).access)


def log_in(api, user, **more):
    return api.post("auth/login", {"email": user.email, "password": PASSWORD} | more)


def verify(api, token, code):
    return api.post("auth/2fa/verify", {"mfa_token": token, "code": code})


def test_setup_and_confirm_turn_the_app_on(api, user):
    granted = login_as(user)
    client = api.with_token(granted.access)
    setup = client.post("auth/2fa/setup")
    assert setup.status_code == 200
    assert setup["Cache-Control"] == "no-store"
    body = setup.json()
    assert list(body) == ["otpauth_uri", "qr_svg"]
    assert body["otpauth_uri"].startswith("otpauth://totp/OGC%20NewFinity:bob%40example.org?secret=")
    assert body["qr_svg"].startswith("<svg ")
    seed = seed_of(body["otpauth_uri"])
    assert seed.encode() not in bytes(TotpDevice.objects.get().seed_sealed)
    assert User.objects.get().two_factor is False

    confirmed = client.post("auth/2fa/confirm", {"code": pyotp.TOTP(seed).now()})
    assert confirmed.status_code == 200
    assert confirmed["Cache-Control"] == "no-store"
    codes = confirmed.json()["recovery_codes"]
    assert len(set(codes)) == 10
    stored = list(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert len(stored) == 10
    assert not set(stored) & set(codes)
    assert User.objects.get().two_factor is True
    assert Session.objects.get().mfa_at is not None
    assert list(Activity.objects.values_list("kind", flat=True)) == ["totp_added"]
    assert DomainEvent.objects.filter(name="accounts.security_alert").count() == 1
    assert error_code(client.get("auth/me")) == "TOKEN_EXPIRED"
    fresh = api.post("auth/refresh", {"refresh": granted.refresh}).json()["access"]
    assert api.with_token(fresh).get("auth/me").json()["two_factor"] is True


def test_a_second_setup_replaces_the_seed_until_one_is_confirmed(client):
    first = seed_of(client.post("auth/2fa/setup").json()["otpauth_uri"])
    second = seed_of(client.post("auth/2fa/setup").json()["otpauth_uri"])
    assert first != second
    old = client.post("auth/2fa/confirm", {"code": pyotp.TOTP(first).now()})
    assert (old.status_code, error_code(old)) == (401, "AUTH_MFA_INVALID")
    assert client.post("auth/2fa/confirm", {"code": pyotp.TOTP(second).now()}).status_code == 200


def test_an_app_that_is_on_is_not_replaced(api, user):
    totp_on(user)
    client = api.with_token(login_as(user).access)
    before = bytes(TotpDevice.objects.get().seed_sealed)
    for path, body in (("auth/2fa/setup", None), ("auth/2fa/confirm", {"code": code_of(user)})):
        refused = client.post(path, body)
        assert (refused.status_code, error_code(refused)) == (409, "AUTH_2FA_ALREADY_ON")
    assert bytes(TotpDevice.objects.get().seed_sealed) == before


def test_a_wrong_code_or_none_set_up_confirms_nothing(client, user):
    assert error_code(client.post("auth/2fa/confirm", {"code": "123456"})) == "AUTH_MFA_INVALID"
    seed = seed_of(client.post("auth/2fa/setup").json()["otpauth_uri"])
    for code in (wrong_code(pyotp.TOTP(seed).now()), "12345", "abcdef", "１２３４５６"):
        refused = client.post("auth/2fa/confirm", {"code": code})
        assert (refused.status_code, error_code(refused)) == (401, "AUTH_MFA_INVALID")
    assert TotpDevice.objects.get().confirmed_at is None
    assert not RecoveryCode.objects.exists()
    assert not Activity.objects.filter(kind="totp_added").exists()


def test_a_login_of_long_ago_can_add_no_factor(api, user, later):
    granted = login_as(user)
    later(minutes=10)
    refused = api.with_token(granted.access).post("auth/2fa/setup")
    assert (refused.status_code, error_code(refused)) == (403, "STEP_UP_REQUIRED")
    assert refused.json()["error"]["details"] == {"factors": ["password"]}
    assert not TotpDevice.objects.exists()


def test_a_login_with_the_app_takes_two_steps_and_sets_the_cookie_last(api, user):
    totp_on(user)
    half = log_in(api, user)
    assert (half.status_code, half["Cache-Control"]) == (200, "no-store")
    body = half.json()
    assert body | {"mfa_token": ""} == {
        "mfa_required": True,
        "mfa_token": "",
        "factors": ["totp", "recovery_code"],
        "expires_in": 300,
    }
    assert not half.cookies
    assert not Session.objects.exists()
    assert body["mfa_token"] not in str(MfaChallenge.objects.values().get())

    whole = verify(api, body["mfa_token"], code_of(user))
    assert (whole.status_code, whole["Cache-Control"]) == (200, "no-store")
    assert sorted(whole.json()) == ["access", "expires_in", "user"]
    assert whole.cookies["ogc_refresh"]["httponly"]
    session = Session.objects.get()
    assert session.mfa_at is not None
    assert (session.transport, session.method) == ("cookie", "password")
    assert api.with_token(whole.json()["access"]).get("auth/me").status_code == 200


def test_the_transport_of_the_first_step_is_remembered(api, user):
    totp_on(user)
    half = log_in(api, user, token_transport="body").json()
    whole = verify(api, half["mfa_token"], code_of(user))
    assert sorted(whole.json()) == ["access", "expires_in", "refresh", "user"]
    assert not whole.cookies
    assert Session.objects.get().transport == "body"


def test_the_transport_of_the_admin_site_is_nobodys_choice(api, user):
    assert error_code(log_in(api, user, token_transport="admin")) == "VALIDATION_ERROR"


@pytest.mark.parametrize("how", [str, str.lower, lambda code: code.replace("-", " "), "  {}  ".format])
def test_a_recovery_code_logs_in_once_however_it_is_written(api, user, how):
    code = totp_on(user)[3]
    assert verify(api, log_in(api, user).json()["mfa_token"], how(code)).status_code == 200
    again = verify(api, log_in(api, user).json()["mfa_token"], code)
    assert (again.status_code, error_code(again)) == (401, "AUTH_MFA_INVALID")
    assert RecoveryCode.objects.filter(used_at=None).count() == 9
    line = Activity.objects.get(kind="recovery_code_used")
    assert line.details == {"left": 9}
    assert Session.objects.get() == line.session
    login = Activity.objects.get(kind__in=["login", "new_device"])
    assert (login.session, login.pk < line.pk) == (line.session, True)


def test_a_recovery_code_of_somebody_else_is_none(api, user):
    totp_on(user)
    foreign = totp_on(UserFactory())[0]
    assert error_code(verify(api, log_in(api, user).json()["mfa_token"], foreign)) == "AUTH_MFA_INVALID"
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_a_code_is_used_once_and_the_one_before_it_not_any_more(api, user):
    totp_on(user)
    code, before = code_of(user), code_of(user, steps=-1)
    assert verify(api, log_in(api, user).json()["mfa_token"], code).status_code == 200
    for stale in (code, before):
        refused = verify(api, log_in(api, user).json()["mfa_token"], stale)
        assert (refused.status_code, error_code(refused)) == (401, "AUTH_MFA_INVALID")
    assert verify(api, log_in(api, user).json()["mfa_token"], code_of(user, steps=1)).status_code == 200
    assert Session.objects.count() == 2


@pytest.mark.parametrize("steps, status", [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_codes_count_one_step_around_real_time(api, user, monkeypatch, steps, status):
    totp_on(user)
    now = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: now)
    clock.apply_offset(timedelta(days=400))
    code = pyotp.TOTP(SEED).at(now + timedelta(seconds=30 * steps))
    assert verify(api, log_in(api, user).json()["mfa_token"], code).status_code == status


def test_every_wrong_half_login_looks_the_same(api, user, later):
    totp_on(user)
    answers = [verify(api, "no such token", code_of(user))]
    used = log_in(api, user).json()["mfa_token"]
    assert verify(api, used, code_of(user)).status_code == 200
    answers.append(verify(api, used, code_of(user, steps=1)))
    wrong = log_in(api, user).json()["mfa_token"]
    answers.append(verify(api, wrong, wrong_code(code_of(user))))
    expired = log_in(api, user).json()["mfa_token"]
    later(seconds=300)
    answers.append(verify(api, expired, code_of(user, steps=1)))
    errors = [answer.json()["error"] for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert errors == [errors[0]] * 4
    assert errors[0]["code"] == "AUTH_MFA_INVALID"
    assert Session.objects.count() == 1


def test_a_half_login_has_five_tries(api, user, settings):
    settings.RATE_LOGIN_ACCOUNT = "off"
    totp_on(user)
    token = log_in(api, user).json()["mfa_token"]
    for _ in range(5):
        assert verify(api, token, wrong_code(code_of(user))).status_code == 401
    assert error_code(verify(api, token, code_of(user))) == "AUTH_MFA_INVALID"
    assert not Session.objects.exists()
    assert verify(api, log_in(api, user).json()["mfa_token"], code_of(user)).status_code == 200


def test_logging_in_again_gives_no_more_guesses(api, user, settings):
    settings.RATE_LOGIN_ACCOUNT = "5/5m"
    totp_on(user)
    for _ in range(5):
        token = log_in(api, user).json()["mfa_token"]
        assert verify(api, token, wrong_code(code_of(user))).status_code == 401
    token = log_in(api, user).json()["mfa_token"]
    locked = verify(api, token, code_of(user))
    assert (locked.status_code, error_code(locked)) == (429, "RATE_LIMITED")
    assert int(locked["Retry-After"]) > 290
    assert not Session.objects.exists()
    assert [line.details for line in Activity.objects.filter(kind="locked")] == [{"what": "factor"}]


def test_a_half_login_dies_with_the_sessions(api, user):
    totp_on(user)
    token = log_in(api, user).json()["mfa_token"]
    api.with_token(login_as(user).access).post("auth/logout-all")
    assert error_code(verify(api, token, code_of(user))) == "AUTH_MFA_INVALID"


def test_who_is_suspended_between_password_and_code_is_told_so(api, user):
    totp_on(user)
    token = log_in(api, user).json()["mfa_token"]
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test")
    refused = verify(api, token, code_of(user))
    assert (refused.status_code, error_code(refused)) == (403, "AUTH_ACCOUNT_DISABLED")
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mfa_token": "x"},
        {"code": "123456"},
        {"mfa_token": 1, "code": "123456"},
        {"mfa_token": "x", "code": 123456},
        {"mfa_token": "x", "code": None},
        {"mfa_token": "x", "code": ["123456"]},
        {"mfa_token": "x", "code": "1" * 41},
        {"mfa_token": "x", "code": "123456", "transport": "body"},
    ],
)
def test_other_shapes_are_refused(api, body):
    refused = api.post("auth/2fa/verify", body)
    assert (refused.status_code, error_code(refused)) == (400, "VALIDATION_ERROR")


def test_a_login_into_the_admin_site_is_not_completed_here(api, user):
    totp_on(user)
    token = run_in_transaction(lambda: mfa_challenge_open(user, TokenTransport.ADMIN)).mfa_token
    assert error_code(verify(api, token, code_of(user))) == "AUTH_MFA_INVALID"
    assert not Session.objects.exists()
    assert mfa_verify(actor=ANONYMOUS, mfa_token=token, code=code_of(user), is_admin_site=True).access == ""
