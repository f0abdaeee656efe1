"""Passkeys as a client sees them: added, listed and removed."""

import pytest
from fido2 import cbor
from fido2.cose import ES256, RS256, EdDSA

from accounts.constants import PASSKEYS_MAX_COUNT
from accounts.models import Activity, Passkey, PasskeyCeremony, RecoveryCode, Session, User
from governance.models import AuditRecord
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.accounts.passkey_calls import add, log_in, login_options, options_of
from tests.api_client import error_code
from tests.authenticator import Authenticator, unb64
from tests.factories.accounts import UserFactory, login_as
from tests.factories.factors import totp_on
from tests.factories.passkeys import passkey_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org", name="Bob")


@pytest.fixture
def client(api, user):
    """The API with a login of just now."""
    return api.with_token(login_as(user).access)


def test_options_are_what_browsers_parse(client, user):
    answer = client.post("auth/passkeys/options")
    assert answer["Cache-Control"] == "no-store"
    options = answer.json()
    assert len(unb64(options.pop("challenge"))) == 32
    assert unb64(options["user"].pop("id")).hex() == user.public_id.replace("-", "")
    assert options == {
        "rp": {"id": "localhost", "name": "OGC NewFinity"},
        "user": {"name": "bob@example.org", "displayName": "Bob"},
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -8},
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -257},
        ],
        "timeout": 300_000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


@pytest.mark.parametrize("algorithm", [ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM])
def test_a_passkey_is_added_and_logs_in(api, client, user, algorithm):
    device = Authenticator(algorithm)
    added = add(client, device)
    assert added.status_code == 201
    assert added["Cache-Control"] == "no-store"
    body = added.json()
    codes = body.pop("recovery_codes")
    assert len(set(codes)) == RecoveryCode.objects.count() == 10
    row = Passkey.objects.get()
    assert body == {
        "id": row.public_id,
        "name": "Laptop",
        "backed_up": False,
        "transports": ["internal", "hybrid"],
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "last_used_at": None,
    }
    assert User.objects.get().two_factor is True

    granted = log_in(api, device)
    assert granted.status_code == 200
    assert granted["Cache-Control"] == "no-store"
    assert granted.json()["user"]["two_factor"] is True
    assert api.with_token(granted.json()["access"]).get("auth/me").status_code == 200
    session = Session.objects.latest("pk")
    assert (session.method, session.transport) == ("passkey", "body")
    assert session.mfa_at is not None
    assert Passkey.objects.get().sign_count == device.counter == 2
    assert Passkey.objects.get().last_used_at is not None
    assert PasskeyCeremony.objects.filter(used_at=None).count() == 0


@pytest.mark.parametrize("cose", [{3: -70000}, {1: 2, 3: -35, -1: 2, -2: b"x" * 48, -3: b"y" * 48}])
def test_keys_that_were_not_asked_for_are_refused(api, client, user, cose):
    refused = add(client, Authenticator(), cose=cose)
    assert (refused.status_code, error_code(refused)) == (400, "VALIDATION_ERROR")
    assert not Passkey.objects.exists()
    device, _ = passkey_on(user)
    Passkey.objects.update(public_key=cbor.encode(cose))
    before = Session.objects.count()
    denied = log_in(api, device)
    assert (denied.status_code, error_code(denied)) == (401, "AUTH_MFA_INVALID")
    assert Session.objects.count() == before


def test_adding_and_removing_are_told(api, client, user):
    device = Authenticator()
    added = add(client, device).json()
    line = Activity.objects.get(kind="passkey_added")
    assert line.details == {"name": "Laptop", "passkey_id": added["id"]}
    assert AuditRecord.objects.filter(action="auth.passkey_added", target_id=user.public_id).count() == 1

    token = log_in(api, device).json()["access"]
    stepped = api.with_token(token)
    assert step_up(stepped, device).status_code == 204
    assert stepped.delete(f"auth/passkeys/{added['id']}").status_code == 204
    assert Activity.objects.get(kind="passkey_removed").details == line.details
    alerts = DomainEvent.objects.filter(name="accounts.security_alert").order_by("id")
    kinds = [event.payload["kind"] for event in alerts]
    assert [kind for kind in kinds if "passkey" in kind] == ["passkey_added", "passkey_removed"]
    assert User.objects.get().two_factor is False
    assert RecoveryCode.objects.count() == Passkey.objects.count() == 0
    assert error_code(log_in(api, device)) == "AUTH_MFA_INVALID"


def step_up(client, device):
    options = login_options(client, purpose="step_up")
    return client.post("auth/step-up", {"passkey": device.sign(options)})


def test_without_a_name_a_passkey_is_called_after_the_device(client):
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"
    credential = Authenticator().register(options_of(client))
    added = client.post("auth/passkeys", {"credential": credential}, headers={"user-agent": agent})
    assert added.json()["name"] == "Chrome on Linux"


def test_the_list_is_mine_alone_in_one_query(api, client, user, django_assert_num_queries):
    passkey_on(UserFactory())
    device, _ = passkey_on(user)
    passkey_on(user, device)
    mine = api.with_token(login_as(user).access)
    with django_assert_num_queries(1):
        listed = mine.get("auth/passkeys")
    assert listed["Cache-Control"] == "no-store"
    ids = list(Passkey.objects.filter(user=user).order_by("-pk").values_list("public_id", flat=True))
    assert [one["id"] for one in listed.json()["results"]] == ids
    for _ in range(3):
        passkey_on(user, device)
    more = api.with_token(login_as(user).access)
    with django_assert_num_queries(1):
        assert len(more.get("auth/passkeys").json()["results"]) == 5


def test_the_second_passkey_brings_no_codes_and_knows_the_first(api, user):
    device, first = passkey_on(user)
    client = api.with_token(login_as(user).access)
    options = options_of(client)
    assert [unb64(one["id"]) for one in options["excludeCredentials"]] == [bytes(first.credential_id)]
    second = client.post("auth/passkeys", {"credential": device.register(options)})
    assert second.status_code == 201
    assert "recovery_codes" not in second.json()
    assert RecoveryCode.objects.count() == 10


def test_an_old_login_can_not_add_a_passkey(api, user, later):
    client = api.with_token(login_as(user).access)
    credential = Authenticator().register(options_of(client))
    later(minutes=10)
    for path, body in (("auth/passkeys/options", None), ("auth/passkeys", {"credential": credential})):
        refused = client.post(path, body)
        assert (refused.status_code, error_code(refused)) == (403, "STEP_UP_REQUIRED")
    assert not Passkey.objects.exists()


def test_the_number_of_passkeys_is_limited(api, user):
    device, first = passkey_on(user)
    client = api.with_token(login_as(user).access)
    options = options_of(client)
    for number in range(PASSKEYS_MAX_COUNT - 1):
        first.pk, first.public_id, first.credential_hash = None, uuid7(), f"{number}"
        first.save(force_insert=True)
    for answer in (
        client.post("auth/passkeys", {"credential": device.register(options)}),
        client.post("auth/passkeys/options"),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["details"]["credential"][0]["code"] == "limit"
    assert Passkey.objects.count() == PASSKEYS_MAX_COUNT


def test_a_credential_belongs_to_one_account(api, client, user):
    raw_id = b"c" * 32
    passkey_on(UserFactory(), credential_id=raw_id)
    refused = add(client, Authenticator(), credential_id=raw_id)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["credential"][0]["code"] == "taken"
    assert Passkey.objects.count() == 1
    assert User.objects.get(pk=user.pk).two_factor is False


def test_a_challenge_registers_once_and_for_its_own_user(api, client):
    device, options = Authenticator(), options_of(client)
    other = api.with_token(login_as(UserFactory()).access)
    stolen = other.post("auth/passkeys", {"credential": device.register(options)})
    assert stolen.json()["error"]["details"]["credential"][0]["code"] == "challenge"
    body = {"credential": device.register(options)}
    assert client.post("auth/passkeys", body).status_code == 201
    again = api.with_token(login_as(User.objects.get(email="bob@example.org")).access)
    repeated = again.post("auth/passkeys", {"credential": device.register(options)})
    assert repeated.json()["error"]["details"]["credential"][0]["code"] == "challenge"
    assert Passkey.objects.count() == 1


def test_a_login_challenge_registers_nothing(api, client):
    options = options_of(client) | {"challenge": login_options(api)["challenge"]}
    refused = client.post("auth/passkeys", {"credential": Authenticator().register(options)})
    assert refused.json()["error"]["details"]["credential"][0]["code"] == "challenge"
    assert not Passkey.objects.exists()


def test_somebody_elses_passkey_is_not_there(api, user):
    _, theirs = passkey_on(UserFactory())
    client = api.with_token(login_as(user).access)
    for passkey_id in (theirs.public_id, uuid7(), "no-id"):
        assert client.delete(f"auth/passkeys/{passkey_id}").status_code == 404
    assert Passkey.objects.get().pk == theirs.pk


def test_the_last_factor_goes_with_a_step_up_only(api, user):
    _, passkey = passkey_on(user)
    client = api.with_token(login_as(user).access)
    refused = client.delete(f"auth/passkeys/{passkey.public_id}")
    assert (refused.status_code, error_code(refused)) == (403, "STEP_UP_REQUIRED")
    assert refused.json()["error"]["details"]["factors"] == ["passkey", "recovery_code"]
    assert Passkey.objects.count() == 1


def test_another_factor_left_a_fresh_login_is_enough(api, user, later):
    _, passkey = passkey_on(user)
    totp_on(user)
    client = api.with_token(login_as(user).access)
    later(minutes=10)
    assert error_code(client.delete(f"auth/passkeys/{passkey.public_id}")) == "STEP_UP_REQUIRED"
    client = api.with_token(login_as(user).access)
    assert client.delete(f"auth/passkeys/{passkey.public_id}").status_code == 204
    assert User.objects.get().two_factor is True
    assert RecoveryCode.objects.count() == 10
