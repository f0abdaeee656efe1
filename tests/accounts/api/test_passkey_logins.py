"""Passkeys that log in, complete a half login, and prove a step-up."""

import pytest

from accounts.models import Activity, Passkey, PasskeyCeremony, Session
from accounts.services import user_suspend
from governance.models import AuditRecord
from ogc.actors import SYSTEM
from ogc.models import DomainEvent
from tests.accounts.passkey_calls import half_login, log_in, login_options
from tests.api_client import error_code
from tests.authenticator import BE, BS, UP, Authenticator
from tests.factories.accounts import UserFactory, login_as
from tests.factories.factors import code_of, totp_on
from tests.factories.passkeys import passkey_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org", name="Bob")


@pytest.fixture
def client(api, user):
    """The API with a login of just now."""
    return api.with_token(login_as(user).access)


def test_a_passkey_is_the_second_factor_of_a_password(api, user):
    device, _ = passkey_on(user)
    half = half_login(api, user)
    assert half["factors"] == ["passkey", "recovery_code"]
    options = login_options(api, mfa_token=half["mfa_token"])
    assert [one["id"] for one in options["allowCredentials"]] == list(device.keys)
    granted = log_in(api, device, options=options, mfa_token=half["mfa_token"], with_handle=False)
    assert granted.status_code == 200
    assert granted.json()["refresh"]
    session = Session.objects.latest("pk")
    assert (session.method, session.mfa_at is not None) == ("password", True)
    again = log_in(api, device, mfa_token=half_login(api, user)["mfa_token"])
    assert again.status_code == 200


def test_a_half_login_is_used_up_with_its_passkey(api, user):
    device, _ = passkey_on(user)
    token = half_login(api, user)["mfa_token"]
    spare = login_options(api, mfa_token=token)
    assert log_in(api, device, mfa_token=token).status_code == 200
    before = Session.objects.count()
    assert error_code(log_in(api, device, options=spare, mfa_token=token)) == "AUTH_MFA_INVALID"
    refused = api.post("auth/passkeys/login/options", {"mfa_token": token})
    assert (refused.status_code, error_code(refused)) == (401, "AUTH_MFA_INVALID")
    assert Session.objects.count() == before


def test_a_half_login_takes_no_passkey_of_somebody_else(api, user):
    passkey_on(user)
    thief, _ = passkey_on(UserFactory())
    before = Session.objects.count()
    token = half_login(api, user)["mfa_token"]
    assert error_code(log_in(api, thief, mfa_token=token)) == "AUTH_MFA_INVALID"
    options = login_options(api)
    assert error_code(log_in(api, thief, options=options, mfa_token=token)) == "AUTH_MFA_INVALID"
    assert Session.objects.count() == before


def test_unknown_half_logins_and_expired_ones_get_no_options(api, user, later):
    passkey_on(user)
    token = half_login(api, user)["mfa_token"]
    assert error_code(api.post("auth/passkeys/login/options", {"mfa_token": "x" * 43})) == "AUTH_MFA_INVALID"
    later(minutes=5)
    assert error_code(api.post("auth/passkeys/login/options", {"mfa_token": token})) == "AUTH_MFA_INVALID"
    assert not PasskeyCeremony.objects.filter(purpose="mfa").exists()


def test_login_options_tell_nothing_of_accounts(api, user):
    passkey_on(user)
    assert sorted(login_options(api)) == ["challenge", "rpId", "timeout", "userVerification"]


def test_a_step_up_needs_its_caller_and_its_own_challenge(api, user):
    device, _ = passkey_on(user)
    refused = api.post("auth/passkeys/login/options", {"purpose": "step_up"})
    assert (refused.status_code, error_code(refused)) == (401, "NOT_AUTHENTICATED")
    client = api.with_token(login_as(user).access)
    other = UserFactory()
    theirs = login_options(api.with_token(login_as(other).access), purpose="step_up")
    for options in (login_options(api), theirs):
        answer = client.post("auth/step-up", {"passkey": device.sign(options)})
        assert (answer.status_code, error_code(answer)) == (401, "AUTH_MFA_INVALID")
    assert not Session.objects.filter(stepped_up_at__isnull=False).exists()
    options = login_options(client, purpose="step_up")
    assert client.post("auth/step-up", {"passkey": device.sign(options)}).status_code == 204
    assert Session.objects.filter(stepped_up_at__isnull=False).count() == 1
    assert error_code(client.post("auth/step-up", {"passkey": device.sign(options)})) == "AUTH_MFA_INVALID"


def test_a_step_up_challenge_logs_nobody_in(api, user):
    device, _ = passkey_on(user)
    options = login_options(api.with_token(login_as(user).access), purpose="step_up")
    before = Session.objects.count()
    assert error_code(log_in(api, device, options=options)) == "AUTH_MFA_INVALID"
    assert Session.objects.count() == before


def test_suspended_people_are_told_after_the_proof_alone(api, user):
    device, _ = passkey_on(user)
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="tests")
    before = Session.objects.count()
    assert error_code(log_in(api, device, flags=UP)) == "AUTH_MFA_INVALID"
    refused = log_in(api, device)
    assert (refused.status_code, error_code(refused)) == (403, "AUTH_ACCOUNT_DISABLED")
    assert Session.objects.count() == before


def test_a_copied_key_is_refused_and_told(api, user):
    device, passkey = passkey_on(user)
    assert log_in(api, device).status_code == 200
    before = Session.objects.count()
    device.counter = 0
    refused = log_in(api, device)
    assert (refused.status_code, error_code(refused)) == (401, "AUTH_MFA_INVALID")
    assert Session.objects.count() == before
    record = AuditRecord.objects.get(action="auth.passkey_cloned")
    assert (record.severity, record.target_id) == ("critical", user.public_id)
    line = Activity.objects.get(kind="passkey_cloned")
    assert line.details == {"name": "Laptop", "passkey_id": passkey.public_id}
    assert DomainEvent.objects.filter(name="accounts.security_alert", payload__kind="passkey_cloned").exists()
    assert Passkey.objects.get().sign_count == 2


def test_passkeys_without_a_counter_go_on(api, user):
    device, _ = passkey_on(user, Authenticator(counts=False, backup=BE))
    assert log_in(api, device).status_code == 200
    device.backup = BE | BS
    assert log_in(api, device).status_code == 200
    assert Passkey.objects.get().is_backed_up is True
    device.counter = 5
    assert log_in(api, device).status_code == 200
    device.counter = 0
    assert error_code(log_in(api, device)) == "AUTH_MFA_INVALID"


def test_a_cookie_keeps_the_refresh_token_by_default(api, user):
    device, _ = passkey_on(user)
    granted = api.post("auth/passkeys/login", {"credential": device.sign(login_options(api))})
    assert granted.status_code == 200
    assert "refresh" not in granted.json()
    assert granted.cookies["ogc_refresh"]["httponly"] is True


def test_an_admin_session_is_not_for_the_asking(api, user):
    device, _ = passkey_on(user)
    body = {"credential": device.sign(login_options(api)), "token_transport": "admin"}
    assert error_code(api.post("auth/passkeys/login", body)) == "VALIDATION_ERROR"


def test_an_old_token_does_not_stand_in_the_way_of_a_login(api, user):
    device, _ = passkey_on(user)
    stale = api.with_token("stale")
    body = {"credential": device.sign(login_options(api)), "token_transport": "body"}
    assert stale.post("auth/passkeys/login", body).status_code == 200


def test_a_code_completes_the_same_half_login(api, user):
    passkey_on(user)
    totp_on(user)
    token = half_login(api, user)["mfa_token"]
    answer = api.post("auth/2fa/verify", {"mfa_token": token, "code": code_of(user)})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": None},
        {"credential": "text"},
        {"credential": []},
        {"credential": {}, "extra": 1},
        {"credential": {}, "mfa_token": 5},
        {"credential": {}, "mfa_token": "x" * 101},
        {"credential": {}, "token_transport": "pigeon"},
    ],
)
def test_a_login_of_another_shape_is_a_bad_request(api, body):
    answer = api.post("auth/passkeys/login", body)
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


def test_guesses_count_against_the_address(api, user, settings):
    settings.RATE_LOGIN_IP = "3/5m"
    device, _ = passkey_on(user)
    for _ in range(3):
        assert error_code(log_in(api, device, flags=UP)) == "AUTH_MFA_INVALID"
    refused = log_in(api, device)
    assert (refused.status_code, error_code(refused)) == (429, "RATE_LIMITED")
