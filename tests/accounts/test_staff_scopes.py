"""Staff roles bring scopes only in sessions with a second factor, where STAFF_TWO_FACTOR is on."""

import pyotp
import pytest

from accounts.models import Session
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.factors import code_of, seed_of, totp_on
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

LIST = "admin/approvals"


@pytest.fixture(autouse=True)
def outside_debug(settings):
    settings.STAFF_TWO_FACTOR = True


def log_in(api, user):
    return api.post(
        "auth/login", {"email": user.email, "password": PASSWORD, "token_transport": "body"}
    ).json()


def refreshed(api, tokens):
    return api.post("auth/refresh", {"refresh": tokens["refresh"]}).json()


def scopes(api, tokens):
    """What /me says with these tokens."""
    return api.with_token(tokens["access"]).get("auth/me").json()["scopes"]


def test_without_a_factor_the_roles_are_named_and_bring_nothing(api):
    tokens = log_in(api, staff("admin"))
    assert tokens["user"]["roles"] == ["admin", "user"]
    assert tokens["user"]["scopes"] == scopes(api, tokens) == ["self"]
    refused = api.with_token(tokens["access"]).get(LIST)
    assert (refused.status_code, error_code(refused)) == (403, "PERMISSION_DENIED")
    assert scopes(api, refreshed(api, tokens)) == ["self"]


def test_judges_are_no_staff(api):
    assert "submission.judge" in log_in(api, staff("judge"))["user"]["scopes"]


def test_confirming_the_app_counts_for_this_session_from_the_next_refresh_on(api):
    user = staff("admin")
    other, tokens = log_in(api, user), log_in(api, user)
    client = api.with_token(tokens["access"])
    seed = seed_of(client.post("auth/2fa/setup").json()["otpauth_uri"])
    assert client.post("auth/2fa/confirm", {"code": pyotp.TOTP(seed).now()}).status_code == 200
    assert error_code(client.get("auth/me")) == "TOKEN_EXPIRED"
    tokens = refreshed(api, tokens)
    assert "admin.read" in scopes(api, tokens)
    assert api.with_token(tokens["access"]).get(LIST).status_code == 200
    other = refreshed(api, other)
    assert scopes(api, other) == ["self"]
    assert error_code(api.with_token(other["access"]).get(LIST)) == "PERMISSION_DENIED"


def test_a_login_with_the_app_brings_the_scopes(api):
    user = staff("admin")
    totp_on(user)
    half = log_in(api, user)
    tokens = api.post("auth/2fa/verify", {"mfa_token": half["mfa_token"], "code": code_of(user)}).json()
    assert "admin.read" in tokens["user"]["scopes"]
    assert "admin.read" in scopes(api, tokens)
    assert "admin.read" in scopes(api, refreshed(api, tokens))


def test_a_code_at_a_step_up_counts_from_the_next_refresh_on(api):
    user = staff("admin")
    granted = login_as(user)
    totp_on(user)
    tokens = refreshed(api, {"refresh": granted.refresh})
    assert scopes(api, tokens) == ["self"]
    code = {"code": code_of(user)}
    assert api.with_token(tokens["access"]).post("auth/step-up", code).status_code == 204
    assert "admin.read" in scopes(api, refreshed(api, tokens))


def test_a_password_at_a_step_up_brings_nothing(api):
    user = staff("admin")
    tokens = log_in(api, user)
    assert api.with_token(tokens["access"]).post("auth/step-up", {"password": PASSWORD}).status_code == 204
    assert scopes(api, refreshed(api, tokens)) == ["self"]


def test_with_the_last_factor_the_scopes_go_in_all_sessions(api):
    user = staff("admin")
    codes = totp_on(user)
    mine, other = login_as(user), login_as(user)
    Session.objects.update(mfa_at="2026-01-01T00:00:00Z")
    tokens = refreshed(api, {"refresh": mine.refresh})
    client = api.with_token(tokens["access"])
    assert client.get(LIST).status_code == 200
    client.post("auth/step-up", {"code": codes[0]})
    body = {"password": PASSWORD, "code": codes[1]}
    assert client.post("auth/2fa/disable", body).status_code == 204
    assert error_code(client.get(LIST)) == "TOKEN_EXPIRED"
    for granted in (tokens, {"refresh": other.refresh}):
        assert scopes(api, refreshed(api, granted)) == ["self"]


def test_people_without_a_role_notice_nothing(api):
    assert log_in(api, UserFactory())["user"]["scopes"] == ["self"]
