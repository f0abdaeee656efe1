"""A browser's own WebAuthn with Chromium's virtual authenticator, against the platform on its own origin."""

import re
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import Passkey, Session
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.governance import staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CALL = """async ([path, token, body]) => {
  const headers = {"content-type": "application/json"};
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`/api/v1/auth/${path}`, {method: "POST", headers, body: JSON.stringify(body)});
  return {status: answer.status, body: answer.status === 204 ? null : await answer.json()};
}"""
CREATE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({publicKey})).toJSON();
}"""
GET = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({publicKey})).toJSON();
}"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(page: Page, live_server: Any, settings: Any) -> CDPSession:
    """The page on the platform's own origin, with an authenticator that says yes."""
    settings.WEBAUTHN_RP_ID, settings.WEBAUTHN_ORIGINS = "localhost", [live_server.url]
    page.goto("/api/v1/docs")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session


def post(page: Page, path: str, body: Any = None, token: str = "") -> Any:
    answer = page.evaluate(CALL, [path, token, body or {}])
    assert answer["status"] < 300, answer
    return answer["body"]


def registered(page: Page, token: str) -> Any:
    credential = page.evaluate(CREATE, post(page, "passkeys/options", token=token))
    return post(page, "passkeys", {"credential": credential, "name": "Chromium"}, token)


def logged_in(page: Page, **body: Any) -> Any:
    credential = page.evaluate(GET, post(page, "passkeys/login/options", body))
    return post(page, "passkeys/login", {"credential": credential, "token_transport": "body"} | body)


def test_a_browser_adds_a_passkey_and_logs_in_with_it(page: Page, device: CDPSession) -> None:
    user = UserFactory()
    password = {"email": user.email, "password": PASSWORD, "token_transport": "body"}
    first = post(page, "login", password)

    added = registered(page, first["access"])
    assert len(added["recovery_codes"]) == 10
    assert added["transports"] == ["internal"]

    granted = logged_in(page)
    assert granted["user"]["id"] == user.public_id
    assert Session.objects.latest("pk").method == "passkey"

    half = post(page, "login", password)
    assert half["factors"] == ["passkey", "recovery_code"]
    second = logged_in(page, mfa_token=half["mfa_token"])
    assert second["user"]["two_factor"] is True

    asked = post(page, "passkeys/login/options", {"purpose": "step_up"}, second["access"])
    post(page, "step-up", {"passkey": page.evaluate(GET, asked)}, second["access"])
    assert Session.objects.latest("pk").stepped_up_at is not None

    row = Passkey.objects.get()
    assert row.last_used_at is not None
    assert row.sign_count > 0


def test_a_browser_makes_no_second_passkey_on_the_same_device(page: Page, device: CDPSession) -> None:
    user = UserFactory()
    password = {"email": user.email, "password": PASSWORD, "token_transport": "body"}
    registered(page, post(page, "login", password)["access"])
    half = post(page, "login", password)
    token = logged_in(page, mfa_token=half["mfa_token"])["access"]

    options = post(page, "passkeys/options", token=token)
    name = page.evaluate(f"(options) => ({CREATE})(options).catch((error) => error.name)", options)
    assert name == "InvalidStateError"
    assert Passkey.objects.count() == 1


def test_staff_enter_the_admin_site_with_a_passkey(page: Page, device: CDPSession, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = True
    owner = staff("super_admin")
    registered(
        page,
        post(page, "login", {"email": owner.email, "password": PASSWORD, "token_transport": "body"})[
            "access"
        ],
    )

    page.goto("/admin/accounts/plan/")
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"/admin/accounts/plan/$"))

    page.goto("/admin/step-up/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    session = Session.objects.get(user=owner, transport="admin")
    assert session.mfa_at is not None
    assert session.stepped_up_at is not None
