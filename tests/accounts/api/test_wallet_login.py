"""Logging in with a linked address: what opens a session, and that everything else looks the same."""

import time

import pytest

from accounts import ports
from accounts.constants import NoncePurpose, UserStatus
from accounts.models import AddressNonce, RefreshToken, Session, User
from accounts.siwe import message_parse
from governance.models import AuditRecord
from ogc.errors import ServiceUnavailable
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.addresses import key, link, mirrored, proof, rewritten, signed
from tests.factories.factors import code_of, totp_on

pytestmark = pytest.mark.django_db

NONCE, LOGIN = "auth/wallet/nonce", "auth/wallet/login"


@pytest.fixture(autouse=True)
def asked():
    """No contract accepts anything; the addresses that were asked about."""
    filled, addresses = ports.contract_signature_is_valid._implementation, []
    ports.contract_signature_is_valid.fill(lambda address, *_: addresses.append(address) or False)
    yield addresses
    ports.contract_signature_is_valid.fill(filled)


@pytest.fixture
def holder():
    """The key of an address that a user linked."""
    account = key()
    link(UserFactory(), account.address)
    return account


def owner(account):
    return User.objects.get(wallet__address=account.address)


def refused(response, code="AUTH_WALLET_INVALID", status=401):
    assert (response.status_code, error_code(response)) == (status, code)
    assert not Session.objects.exists()
    assert not AddressNonce.objects.exclude(used_at=None).exists()
    assert not response.cookies


def test_a_linked_address_logs_in_with_the_message_as_it_is(api, holder, asked):
    challenge = api.post(NONCE, {"address": holder.address})
    assert (challenge.status_code, challenge["Cache-Control"]) == (200, "no-store")
    message = challenge.json()["message"]
    assert message_parse(message).nonce == challenge.json()["nonce"]
    body = {"message": message, "signature": signed(message, holder), "token_transport": "body"}
    response = api.post(LOGIN, body)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    user = owner(holder)
    assert response.json()["user"]["id"] == user.public_id
    assert api.with_token(response.json()["access"]).get("auth/me").json()["email"] == user.email
    session = Session.objects.get(user=user)
    assert (session.method, session.transport, session.mfa_at) == ("wallet", "body", None)
    assert response.json()["refresh"]
    assert asked == []


def test_without_a_wish_the_refresh_token_is_a_cookie(api, holder):
    response = api.post(LOGIN, proof(NoncePurpose.LOGIN, holder))
    assert "refresh" not in response.json()
    assert response.cookies["ogc_refresh"]["httponly"]
    assert Session.objects.get().transport == "cookie"


def test_who_has_not_verified_the_mail_address_logs_in(api, holder):
    User.objects.update(email_verified_at=None)
    assert api.post(LOGIN, proof(NoncePurpose.LOGIN, holder)).status_code == 200


def test_who_has_a_second_factor_is_asked_for_it(api, holder):
    user = owner(holder)
    totp_on(user)
    response = api.post(LOGIN, proof(NoncePurpose.LOGIN, holder))
    assert response.status_code == 200
    assert (response.json()["mfa_required"], response.json()["factors"]) == (True, ["totp", "recovery_code"])
    assert not response.cookies
    assert "access" not in response.json()
    assert not Session.objects.exists()
    assert AddressNonce.objects.get().used_at is not None
    answer = {"mfa_token": response.json()["mfa_token"], "code": code_of(user)}
    assert api.post("auth/2fa/verify", answer).json()["user"]["id"] == user.public_id
    session = Session.objects.get()
    assert (session.method, session.mfa_at is None) == ("wallet", False)


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.CLOSED])
def test_a_suspended_or_closed_account_is_told_to_its_holder_only(api, holder, status):
    User.objects.update(status=status)
    refused(api.post(LOGIN, proof(NoncePurpose.LOGIN, holder)), "AUTH_ACCOUNT_DISABLED", 403)
    other = proof(NoncePurpose.LOGIN, holder)
    refused(api.post(LOGIN, other | {"signature": signed(other["message"], key())}))


def test_one_signature_opens_one_session(api, holder):
    body = proof(NoncePurpose.LOGIN, holder)
    assert api.post(LOGIN, body).status_code == 200
    response = api.post(LOGIN, body)
    assert (response.status_code, error_code(response)) == (401, "AUTH_WALLET_INVALID")
    assert (Session.objects.count(), RefreshToken.objects.count()) == (1, 1)


def test_an_address_that_was_taken_off_logs_in_no_more(api, holder):
    body = proof(NoncePurpose.LOGIN, holder)
    assert ports.unlink_address(owner(holder).public_id, "test")
    refused(api.post(LOGIN, body))


def test_a_proof_for_linking_does_not_log_in(api, holder):
    refused(api.post(LOGIN, proof(NoncePurpose.LINK, holder, owner(holder))))
    refused(api.post(LOGIN, proof(NoncePurpose.LINK, holder)))


def test_a_nonce_lives_five_minutes(api, holder, later):
    body = proof(NoncePurpose.LOGIN, holder)
    later(seconds=301)
    refused(api.post(LOGIN, body))


def test_every_failure_looks_the_same_and_asks_the_chain_as_often(api, holder, asked):
    """What is wrong, and whether an address is linked, shows neither in the answer nor in what was done."""
    stranger = key()
    bad = []
    for account in (holder, stranger):
        body = proof(NoncePurpose.LOGIN, account)
        bad.append(body | {"signature": signed(body["message"], key())})
        bad.append(body | {"signature": mirrored(body["signature"])})
    answers = [api.post(LOGIN, body) for body in bad]
    bodies = [answer.json()["error"] for answer in answers]
    for answer, body in zip(answers, bodies, strict=True):
        body.pop("request_id", None)
        refused(answer)
    assert all(body == bodies[0] for body in bodies)
    assert asked == [holder.address] * 2 + [stranger.address] * 2
    refused(api.post(LOGIN, proof(NoncePurpose.LOGIN, stranger)))


def test_nonces_do_not_tell_linked_addresses(api, holder):
    answers = [api.post(NONCE, {"address": one.address}).json() for one in (holder, key())]
    assert answers[0].keys() == answers[1].keys()
    assert len(answers[0]["message"]) == len(answers[1]["message"])


@pytest.mark.parametrize(
    "replaced",
    [
        {"domain": "evil.example"},
        {"uri": "https://evil.example"},
        {"chain_id": 1},
        {"nonce": "unknown0" * 3},
        {"address": "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"},
        {"issued_at": "2099-01-01T00:00:00Z"},
        {"expiration_time": "2020-01-01T00:00:00Z"},
        {"not_before": "2099-01-01T00:00:00Z"},
    ],
)
def test_a_message_that_says_something_else_does_not_log_in(api, holder, replaced):
    body = proof(NoncePurpose.LOGIN, holder)
    message = rewritten(body["message"], **replaced)
    refused(api.post(LOGIN, {"message": message, "signature": signed(message, holder)}))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": "m", "signature": 5},
        {"message": ["m"], "signature": "0x"},
        {"message": "m" * 5000, "signature": "0x"},
        {"message": "m", "signature": "0x" + "00" * 5000},
        {"message": "m", "signature": "0x", "token_transport": "admin"},
        {"message": "m", "signature": "0x", "user_id": "1"},
        {"message": "\ud800", "signature": "0x"},
    ],
)
def test_a_body_of_another_shape_is_refused(api, body):
    raw = b'{"message": "\\ud800", "signature": "0x"}' if body.get("message") == "\ud800" else body
    response = api.post(LOGIN, raw)
    assert response.status_code == 400
    assert error_code(response) in ("VALIDATION_ERROR", "MALFORMED_JSON")


@pytest.mark.parametrize("message", ["", "hello", "🦊" * 1000, "\n" * 4096, "a" * 4096, "مرحبا"])
@pytest.mark.parametrize("signature", ["0x", "0x" + "ff" * 65, "🦊", "0x" + "00" * 4096])
def test_any_text_is_answered(api, message, signature):
    started = time.perf_counter()
    response = api.post(LOGIN, {"message": message, "signature": signature})
    assert response.status_code == (400 if message == "" else 401)
    assert time.perf_counter() - started < 5


def test_failures_count_against_the_ip_and_not_against_the_user(api, holder, settings):
    settings.RATE_LOGIN_IP = "3/5m"
    user = owner(holder)
    for _ in range(3):
        refused(api.post(LOGIN, {"message": "hello", "signature": "0x"}))
    refused(api.post(LOGIN, proof(NoncePurpose.LOGIN, holder)), "RATE_LIMITED", 429)
    elsewhere = api.post(LOGIN, proof(NoncePurpose.LOGIN, holder), REMOTE_ADDR="203.0.113.9")
    assert elsewhere.json()["user"]["id"] == user.public_id
    assert AuditRecord.objects.filter(action="auth.login_failed").count() == 2
    assert AuditRecord.objects.filter(action="auth.locked").count() == 1


def test_nonces_are_counted_by_ip(api, settings):
    settings.RATE_DEFAULT = "2/m"
    answers = [api.post(NONCE, {"address": key().address}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_chain_that_is_away_is_told(api, holder):
    def away(*args):
        raise ServiceUnavailable

    ports.contract_signature_is_valid.fill(away)
    body = proof(NoncePurpose.LOGIN, holder)
    refused(api.post(LOGIN, body | {"signature": "0x12"}), "SERVICE_UNAVAILABLE", 503)
    assert api.post(LOGIN, body).status_code == 200


def test_what_the_contract_accepts_logs_in(api, holder):
    ports.contract_signature_is_valid.fill(lambda *call: call[2] == b"")
    body = proof(NoncePurpose.LOGIN, holder) | {"signature": "0x"}
    assert api.post(LOGIN, body).status_code == 200
