"""Passkeys on the pages of the admin site."""

import json
import re

import pytest
from django.test import Client

from accounts.models import PasskeyCeremony, Session
from tests.authenticator import Authenticator
from tests.factories.accounts import PASSWORD, UserFactory, admin_client
from tests.factories.factors import code_of, totp_on
from tests.factories.governance import staff
from tests.factories.passkeys import passkey_on

pytestmark = pytest.mark.django_db

CODE_PAGE = "/admin/login/code/"
STEP_UP_PAGE = "/admin/step-up/"


@pytest.fixture
def owner():
    return staff("super_admin")


def half_in(user) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    return client


def options_on(client, path=CODE_PAGE):
    page = client.get(path).content.decode()
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page)
    return json.loads(found.group(1)) if found else None


def admin_sessions(user):
    return Session.objects.filter(user=user, transport="admin")


def test_a_passkey_completes_the_login(owner, settings):
    settings.STAFF_TWO_FACTOR = True
    device, _ = passkey_on(owner)
    client = half_in(owner)
    options = options_on(client)
    assert [one["id"] for one in options["allowCredentials"]] == list(device.keys)
    answer = client.post(CODE_PAGE, {"passkey": json.dumps(device.sign(options))})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert admin_sessions(owner).get().mfa_at is not None
    assert client.get("/admin/accounts/user/").status_code == 200


def test_what_proves_nothing_stays_outside(owner):
    device, _ = passkey_on(owner)
    other, _ = passkey_on(UserFactory())
    client = half_in(owner)
    wrong = (
        json.dumps(other.sign(options_on(client))),
        json.dumps(device.sign(options_on(client), flags=0)),
        json.dumps(device.sign(options_on(client), origin="https://evil.example")),
        "[]",
        '"text"',
        "no json",
        "",
    )
    for passkey in wrong:
        assert client.post(CODE_PAGE, {"passkey": passkey}).status_code == 200
    both = {"passkey": json.dumps(device.sign(options_on(client))), "code": "123456"}
    assert client.post(CODE_PAGE, both).status_code == 200
    assert not admin_sessions(owner).exists()


def test_a_page_asks_for_a_passkey_of_those_alone_who_have_one(owner):
    totp_on(owner)
    client = half_in(owner)
    assert options_on(client) is None
    assert options_on(Client()) is None
    client.cookies["ogc_half_login"] = "unknown"
    assert options_on(client) is None
    assert not PasskeyCeremony.objects.exists()


def test_a_half_login_that_was_completed_asks_for_nothing(owner):
    passkey_on(owner)
    totp_on(owner)
    client = half_in(owner)
    token = client.cookies["ogc_half_login"].value
    assert client.post(CODE_PAGE, {"code": code_of(owner)}).status_code == 302
    client.cookies["ogc_half_login"] = token
    assert options_on(client) is None


def test_a_half_login_of_the_site_is_not_completed_at_the_api(owner, api):
    device, _ = passkey_on(owner)
    client = half_in(owner)
    token = client.cookies["ogc_half_login"].value
    body = {"credential": device.sign(options_on(client)), "mfa_token": token, "token_transport": "body"}
    answer = api.post("auth/passkeys/login", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AUTH_MFA_INVALID")


def test_a_passkey_steps_up(owner):
    device, _ = passkey_on(owner, Authenticator())
    client = admin_client(owner)
    session = admin_sessions(owner).latest("pk")
    options = options_on(client, STEP_UP_PAGE)
    wrong = {"passkey": json.dumps(device.sign(options_on(half_in(owner))))}
    assert client.post(STEP_UP_PAGE, wrong).status_code == 200
    session.refresh_from_db()
    assert session.stepped_up_at is None
    assert client.post(STEP_UP_PAGE, {"passkey": json.dumps(device.sign(options))}).status_code == 302
    session.refresh_from_db()
    assert session.stepped_up_at is not None
