"""Linking an address to one's wallet: the proof, whose it may be, and what a refusal leaves untouched."""

from datetime import timedelta

import pytest

from accounts import ports
from accounts.constants import ActivityKind, NoncePurpose
from accounts.models import Activity, AddressNonce, Session
from governance.models import AuditRecord
from ogc import clock
from ogc.errors import ServiceUnavailable
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as
from tests.factories.addresses import key, link, mirrored, proof, rewritten, signed
from wallets.models import ChainSigner, Wallet

pytestmark = pytest.mark.django_db

NONCE, LINK = "wallet/link-nonce", "wallet/link-address"


@pytest.fixture(autouse=True)
def no_contracts():
    """No contract accepts anything."""
    filled = ports.contract_signature_is_valid._implementation
    ports.contract_signature_is_valid.fill(lambda address, digest, signature: False)
    yield
    ports.contract_signature_is_valid.fill(filled)


@pytest.fixture
def ada():
    return UserFactory()


@pytest.fixture
def signed_in(api):
    """The API with a real session of a user."""
    return lambda user: api.with_token(login_as(user).access)


def linked(user):
    return Wallet.objects.get(user=user).address


def lines(user):
    kinds = [ActivityKind.ADDRESS_LINKED, ActivityKind.ADDRESS_UNLINKED]
    rows = Activity.objects.filter(user=user, kind__in=kinds).order_by("pk")
    return [(row.kind, row.details["address"]) for row in rows]


def refused(response, code, status=400):
    assert (response.status_code, error_code(response)) == (status, code)
    assert not Wallet.objects.exclude(address=None).exists()
    assert not AddressNonce.objects.exclude(used_at=None).exists()
    assert not Activity.objects.filter(kind__startswith="address").exists()
    assert not AuditRecord.objects.filter(action__startswith="wallet.").exists()
    assert not DomainEvent.objects.filter(name="accounts.address_linked").exists()


def test_who_signs_the_message_has_the_address(signed_in, ada, settings):
    me, account = signed_in(ada), key()
    challenge = me.post(NONCE, {"address": account.address.lower()})
    assert challenge.status_code == 200
    assert challenge["Cache-Control"] == "no-store"
    body = challenge.json()
    assert body.keys() == {"nonce", "message", "expires_at"}
    assert settings.PUBLIC_URL in body["message"]
    assert ada.public_id in body["message"]
    response = me.post(LINK, {"message": body["message"], "signature": signed(body["message"], account)})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json()["address"] == account.address
    assert response.json() == me.get("wallet").json()
    assert lines(ada) == [("address_linked", account.address)]
    assert Activity.objects.get(kind="address_linked").session == Session.objects.get(user=ada)
    record = AuditRecord.objects.get(action="wallet.link_address")
    assert (record.before, record.after) == ('{"address":null}', f'{{"address":"{account.address}"}}')
    event = DomainEvent.objects.get(name="accounts.address_linked")
    assert event.payload == {"user_id": ada.public_id, "address": account.address}
    assert AddressNonce.objects.get().used_at is not None


def test_another_address_takes_the_place_of_the_first(signed_in, ada):
    me, old, new = signed_in(ada), key(), key()
    for account in (old, new, new):
        assert me.post(LINK, proof(NoncePurpose.LINK, account, ada)).status_code == 200
    assert linked(ada) == new.address
    assert lines(ada) == [
        ("address_linked", old.address), ("address_unlinked", old.address), ("address_linked", new.address),
    ]  # fmt: skip


def test_a_linked_address_is_taken_off_and_free_for_others(signed_in, ada):
    me, account, bob = signed_in(ada), key(), UserFactory()
    assert me.post(LINK, proof(NoncePurpose.LINK, account, ada)).status_code == 200
    for _ in range(2):
        assert me.delete(LINK).status_code == 204
    assert linked(ada) is None
    assert lines(ada)[-1] == ("address_unlinked", account.address)
    assert AuditRecord.objects.filter(action="wallet.unlink_address").count() == 1
    assert signed_in(bob).post(LINK, proof(NoncePurpose.LINK, account, bob)).status_code == 200
    assert linked(bob) == account.address


def test_one_address_has_one_user(signed_in, ada):
    account, bob = key(), UserFactory()
    link(bob, account.address)
    response = signed_in(ada).post(LINK, proof(NoncePurpose.LINK, account, ada))
    assert (response.status_code, error_code(response)) == (409, "WALLET_ADDRESS_IN_USE")
    assert (linked(ada), linked(bob)) == (None, account.address)
    assert lines(ada) == []
    assert not AddressNonce.objects.exclude(used_at=None).exists()


def test_one_proof_links_once(signed_in, ada):
    me, account = signed_in(ada), key()
    body = proof(NoncePurpose.LINK, account, ada)
    assert me.post(LINK, body).status_code == 200
    assert me.delete(LINK).status_code == 204
    response = me.post(LINK, body)
    assert (response.status_code, error_code(response)) == (400, "WALLET_SIGNATURE_INVALID")
    assert linked(ada) is None


def test_the_platforms_own_addresses_are_refused(signed_in, ada):
    account = key()
    ChainSigner.objects.create(address=account.address, next_nonce=0)
    me = signed_in(ada)
    refused(me.post(NONCE, {"address": account.address}), "ADDRESS_NOT_ALLOWED")
    refused(me.post(LINK, proof(NoncePurpose.LINK, account, ada)), "ADDRESS_NOT_ALLOWED")


BAD = {
    "another domain": lambda p: {"domain": "evil.example"},
    "our domain below another": lambda p: {"domain": p.domain + ".evil.example"},
    "another port": lambda p: {"domain": p.domain.split(":")[0] + ":1"},
    "us as a user of another": lambda p: {"domain": p.domain.replace(":", "%3A") + "@evil.example"},
    "another scheme": lambda p: {"scheme": "ftp"},
    "another URI": lambda p: {"uri": "https://evil.example/"},
    "a URI that only begins like ours": lambda p: {"uri": p.uri + ".evil.example"},
    "another chain": lambda p: {"chain_id": p.chain_id + 1},
    "an unknown nonce": lambda p: {"nonce": "x" * 22},
    "a nonce in another case": lambda p: {"nonce": p.nonce.swapcase()},
    "another address in the text": lambda p: {"address": key().address},
    "issued in the future": lambda p: {"issued_at": "2099-01-01T00:00:00Z"},
    "issued before the nonce": lambda p: {"issued_at": "2020-01-01T00:00:00Z"},
    "expired": lambda p: {"expiration_time": "2020-01-01T00:00:00Z"},
    "not valid yet": lambda p: {"not_before": "2099-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("what", BAD)
def test_a_message_that_says_something_else_is_refused(signed_in, ada, what):
    from accounts.siwe import message_parse

    account = key()
    body = proof(NoncePurpose.LINK, account, ada)
    message = rewritten(body["message"], **BAD[what](message_parse(body["message"])))
    response = signed_in(ada).post(LINK, {"message": message, "signature": signed(message, account)})
    refused(response, "WALLET_SIGNATURE_INVALID")


def test_a_message_that_the_wallet_wrote_itself_is_taken(signed_in, ada, settings):
    account = key()
    now = clock.real_now()
    body = proof(
        NoncePurpose.LINK, account, ada, statement=None, expiration_time=None, request_id="7",
        scheme=settings.PUBLIC_URL.split(":")[0], uri=f"{settings.PUBLIC_URL}/profile?tab=wallet",
        resources=("https://example.org/terms",), issued_at=f"{now:%Y-%m-%dT%H:%M:%S.123+00:00}",
        not_before=f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip
    assert signed_in(ada).post(LINK, body).status_code == 200
    assert linked(ada) == account.address


@pytest.mark.parametrize("offset_days", [0, 40])
def test_texts_with_platform_time_and_with_real_time_are_taken(signed_in, ada, later, offset_days):
    later(days=offset_days)
    me = signed_in(ada)
    own = f"{clock.real_now():%Y-%m-%dT%H:%M:%SZ}"
    ends = f"{clock.real_now() + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
    for replaced in ({}, {"issued_at": own, "expiration_time": ends}):
        assert me.post(LINK, proof(NoncePurpose.LINK, key(), ada, **replaced)).status_code == 200


TAMPERED = {
    "another statement": lambda m, s: (m.replace("Link this", "Keep this"), s),
    "lower-case address": lambda m, s: (m.replace(m.split("\n")[1], m.split("\n")[1].lower()), s),
    "windows lines": lambda m, s: (m.replace("\n", "\r\n"), s),
    "a line more": lambda m, s: (m + "\n", s),
    "another one's signature": lambda m, s: (m, signed(m, key())),
    "mirrored signature": lambda m, s: (m, mirrored(s)),
    "short signature": lambda m, s: (m, s[:-2]),
    "long signature": lambda m, s: (m, s + "00"),
    "half a byte": lambda m, s: (m, s[:-1]),
    "no hex": lambda m, s: (m, "0x" + "zz" * 65),
    "no prefix": lambda m, s: (m, s[2:]),
    "empty signature": lambda m, s: (m, "0x"),
    "zeros": lambda m, s: (m, "0x" + "00" * 65),
    "strange v": lambda m, s: (m, s[:-2] + "25"),
    "unicode digits": lambda m, s: (m, "0x" + "١" * 130),
    "unicode message": lambda m, s: (m.replace("Link", "Lïnk"), s),
    "another script's letter": lambda m, s: (m.replace("URI", "URІ"), s),
    "just words": lambda m, s: ("hello", s),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_not_signed_is_refused(signed_in, ada, what):
    body = proof(NoncePurpose.LINK, key(), ada)
    message, signature = TAMPERED[what](body["message"], body["signature"])
    response = signed_in(ada).post(LINK, {"message": message, "signature": signature})
    refused(response, "WALLET_SIGNATURE_INVALID")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": "m"},
        {"message": 1, "signature": "0x"},
        {"message": "m", "signature": ["0x"]},
        {"message": "m" * 4097, "signature": "0x"},
        {"message": "m", "signature": "0x" + "0" * 8193},
        {"message": "m\x00", "signature": "0x"},
        {"message": "m", "signature": "0x", "address": "0x"},
        {"message": None, "signature": None},
    ],
)
def test_a_body_of_another_shape_is_refused(signed_in, ada, body):
    refused(signed_in(ada).post(LINK, body), "VALIDATION_ERROR")


@pytest.mark.parametrize("address", ["", "0x", "0x" + "g" * 40, "0x" + "aB" * 20, 5, None, "vitalik.eth"])
def test_no_nonce_for_what_is_no_address(signed_in, ada, address):
    refused(signed_in(ada).post(NONCE, {"address": address}), "VALIDATION_ERROR")
    assert not AddressNonce.objects.exists()


def test_a_nonce_serves_its_user_and_purpose_only(signed_in, ada):
    account, bob = key(), UserFactory()
    me = signed_in(ada)
    refused(me.post(LINK, proof(NoncePurpose.LINK, account, bob)), "WALLET_SIGNATURE_INVALID")
    refused(me.post(LINK, proof(NoncePurpose.LOGIN, account)), "WALLET_SIGNATURE_INVALID")
    refused(me.post(LINK, proof(NoncePurpose.LOGIN, account, ada)), "WALLET_SIGNATURE_INVALID")
    refused(me.post(LINK, proof(NoncePurpose.LINK, account)), "WALLET_SIGNATURE_INVALID")


def test_a_nonce_lives_five_minutes(signed_in, ada, later):
    me = signed_in(ada)
    body = proof(NoncePurpose.LINK, key(), ada)
    later(seconds=301)
    refused(me.post(LINK, body), "WALLET_SIGNATURE_INVALID")


def test_an_old_session_needs_a_step_up(signed_in, ada, later):
    me = signed_in(ada)
    later(minutes=11)
    body = proof(NoncePurpose.LINK, key(), ada)
    refused(me.post(LINK, body), "STEP_UP_REQUIRED", 403)
    Session.objects.update(stepped_up_at=clock.now())
    assert me.post(LINK, body).status_code == 200


def test_a_chain_that_is_away_is_told(signed_in, ada):
    def away(*args):
        raise ServiceUnavailable

    ports.contract_signature_is_valid.fill(away)
    body = proof(NoncePurpose.LINK, key(), ada) | {"signature": "0x1234"}
    refused(signed_in(ada).post(LINK, body), "SERVICE_UNAVAILABLE", 503)


def test_what_the_contract_accepts_is_linked(signed_in, ada):
    account = key()
    ports.contract_signature_is_valid.fill(lambda address, digest, signature: signature == b"\x12\x34")
    body = proof(NoncePurpose.LINK, account, ada)
    assert signed_in(ada).post(LINK, body | {"signature": "0x1234"}).status_code == 200
    assert linked(ada) == account.address


def test_an_address_is_taken_off_for_somebody_else(ada):
    account = key()
    link(ada, account.address)
    assert not ports.unlink_address(ada.public_id, "this was not me", key().address)
    assert (linked(ada), lines(ada)) == (account.address, [])
    done = [ports.unlink_address(ada.public_id, "this was not me", account.address) for _ in range(2)]
    assert done == [True, False]
    assert (linked(ada), lines(ada)) == (None, [("address_unlinked", account.address)])
    assert AuditRecord.objects.get(action="wallet.unlink_address").reason == "this was not me"


def test_a_denied_link_is_taken_off_and_logs_in_no_more(signed_in, ada, api):
    me, account = signed_in(ada), key()
    assert me.post(LINK, proof(NoncePurpose.LINK, account, ada)).status_code == 200
    ready = proof(NoncePurpose.LOGIN, account)
    line = Activity.objects.get(kind="address_linked")
    assert me.post(f"auth/activity/{line.public_id}/deny").status_code == 204
    assert linked(ada) is None
    assert lines(ada)[-1] == ("address_unlinked", account.address)
    assert api.post("auth/wallet/login", ready).status_code == 401


def test_without_a_login_nothing_is_linked(api):
    for response in (api.post(NONCE, {"address": key().address}), api.post(LINK, {}), api.delete(LINK)):
        assert (response.status_code, error_code(response)) == (401, "NOT_AUTHENTICATED")
