"""Attacks on access tokens: each is refused as TOKEN_INVALID (or TOKEN_EXPIRED), never with a 500.

Sources: RFC 8725, the JWT attacks of OWASP's testing guide (WSTG-SESS-10), RFC 8032 (malleability).
"""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts import signing_keys, tokens
from accounts.models import SigningKey
from accounts.services import signing_key_rotate
from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import TokenInvalid
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("own_keys")]

ORDER_OF_THE_CURVE = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture
def good():
    """A token that is let in, as (head, payload, signature)."""
    return login_as(UserFactory()).access.split(".")


@pytest.fixture
def refused(api):
    """Checks that a token is refused with 401 and a code; default TOKEN_INVALID."""

    def check(token, code="TOKEN_INVALID"):
        answer = api.with_token(token).get("auth/verify")
        assert (answer.status_code, error_code(answer)) == (401, code)
        assert answer["WWW-Authenticate"] == "Bearer"

    return check


def b64(raw):
    if not isinstance(raw, bytes):
        raw = json.dumps(raw, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(part):
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def signed(head, payload):
    """Signed with our own key, whatever the head says: only the head is the attacker's."""
    body = f"{head if isinstance(head, str) else b64(head)}.{payload}"
    return f"{body}.{b64(signing_keys.signer().private.sign(body.encode()))}"


def head_with(good, **changes):
    return read(good[0]) | changes


def test_the_token_that_the_attacks_start_from_is_good(api, good):
    assert api.with_token(".".join(good)).get("auth/verify").status_code == 204
    assert signed(good[0], good[1]) == ".".join(good)


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("signature", ["", "A" * 86, "kept"])
def test_no_algorithm(good, refused, name, signature):
    signature = good[2] if signature == "kept" else signature
    refused(f"{b64(head_with(good, alg=name))}.{good[1]}.{signature}")
    refused(f"{b64({'alg': name, 'typ': 'JWT'})}.{good[1]}.{signature}")


@pytest.mark.parametrize("algorithm, digest", [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_the_public_key_as_a_shared_secret(good, refused, algorithm, digest, settings):
    public = signing_keys.signer().private.public_key()
    x = SigningKey.objects.get().public_key
    secrets = [
        public.public_bytes_raw(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        x.encode(),
        settings.SECRET_KEY.encode(),
        b"",
    ]
    for secret in secrets:
        body = f"{b64(head_with(good, alg=algorithm))}.{good[1]}"
        mac = hmac.new(secret, body.encode(), getattr(hashlib, digest)).digest()
        refused(f"{body}.{b64(mac)}")
        refused(f"{body}.{b64(mac.ljust(64, b'0')[:64])}")


@pytest.mark.parametrize(
    "algorithm", ["RS256", "ES256", "PS256", "ES512", "Ed25519", "Ed448", "eddsa", "EdDSA "]
)
def test_another_algorithm_in_the_head_even_under_our_own_signature(good, refused, algorithm):
    refused(signed(head_with(good, alg=algorithm), good[1]))
    refused(f"{b64(head_with(good, alg=algorithm))}.{good[1]}.{good[2]}")


def test_tokens_of_other_keys(good, refused):
    kid, payload = read(good[0])["kid"], read(good[1])
    pairs = [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ]
    for key, algorithm in pairs:
        refused(jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid}))


def test_an_expired_token_is_told_apart_and_a_forged_one_is_not(good, refused):
    clock.apply_offset(timedelta(seconds=901))
    refused(".".join(good), "TOKEN_EXPIRED")
    refused(f"{good[0]}.{good[1]}.{'A' * 86}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": [9999999999]},
        {"roles": None},
        {"scopes": 7},
        {"ver": None},
        {"nbf": 9999999999},
    ],
    ids=str,
)
def test_claims_that_are_not_ours_even_under_our_own_signature(good, refused, changes):
    refused(signed(good[0], b64(read(good[1]) | changes)))


@pytest.mark.parametrize("claim", tokens.REQUIRED_CLAIMS)
def test_a_missing_claim_even_under_our_own_signature(good, refused, claim):
    payload = read(good[1])
    del payload[claim]
    refused(signed(good[0], b64(payload)))


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"x"', b"1", b"{", b"\xff\xfe", b"[" * 3000])
def test_a_payload_that_is_no_object_even_under_our_own_signature(good, refused, payload):
    refused(signed(good[0], b64(payload)))


def test_a_changed_payload(good, refused):
    for changes in ({"roles": ["super_admin"]}, {"sub": UserFactory().public_id}, {"exp": 9999999999}):
        refused(f"{good[0]}.{b64(read(good[1]) | changes)}.{good[2]}")


def test_the_same_claims_in_another_order_or_twice(good, refused):
    payload = read(good[1])
    refused(f"{good[0]}.{b64(dict(reversed(payload.items())))}.{good[2]}")
    text = json.dumps(payload, separators=(",", ":"))
    refused(f"{good[0]}.{b64((text[:-1] + ',' + text[1:]).encode())}.{good[2]}")


def test_a_changed_signature(good, refused):
    raw = bytearray(base64.urlsafe_b64decode(good[2] + "=="))
    for position in range(0, 64, 7):
        changed = bytearray(raw)
        changed[position] ^= 1
        refused(f"{good[0]}.{good[1]}.{b64(bytes(changed))}")
    for signature in ("", "A", "A" * 86, good[2][:-2], good[2] + "AA", b64(bytes(raw[32:] + raw[:32]))):
        refused(f"{good[0]}.{good[1]}.{signature}")


def test_the_other_signature_that_the_curve_would_allow(good, refused):
    raw = base64.urlsafe_b64decode(good[2] + "==")
    s = int.from_bytes(raw[32:], "little") + ORDER_OF_THE_CURVE
    refused(f"{good[0]}.{good[1]}.{b64(raw[:32] + s.to_bytes(32, 'little'))}")


def test_other_spellings_of_a_good_token(good, refused):
    head, payload, signature = good
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert signature[-1] in "AQgw"
    last = alphabet.index(signature[-1])
    spellings = [f"{signature[:-1]}{alphabet[last + low]}" for low in (1, 7, 15)]
    spellings += [
        signature + "=",
        signature + "==",
        signature + "====",
        signature.replace("A", "A=", 1) + "=",
    ]
    for other in spellings:
        refused(f"{head}.{payload}.{other}")
    for token in (
        f"{head}=.{payload}.{signature}",
        f"{head}==.{payload}.{signature}",
        f"{head}.{payload}=.{signature}",
        f"{head}.{payload}.{signature}.",
        f".{head}.{payload}.{signature}",
        f"{head}.{payload}.{signature}.{signature}",
        f"{head}..{signature}",
        f"{head}.{payload}",
        f"{head} .{payload}.{signature}",
    ):
        refused(token)


@pytest.mark.parametrize(
    "kid",
    [
        "",
        None,
        7,
        [],
        {"$ne": ""},
        "A" * 43,
        "../../../../dev/null",
        "/dev/null",
        "file:///etc/passwd",
        "x' UNION SELECT 'A",
        "'; DROP TABLE accounts_signingkey; --",
        "$(id)",
        "|id",
        "\x00",
        "é",
        "k" * 2500,
        "https://evil.example/jwks.json",
    ],
    ids=lambda kid: str(kid)[:20],
)
def test_made_up_key_ids_even_under_our_own_signature(good, refused, kid):
    keys = SigningKey.objects.count()
    refused(signed(head_with(good, kid=kid), good[1]))
    assert SigningKey.objects.count() == keys


def test_no_key_id(good, refused):
    refused(signed({"alg": "EdDSA", "typ": "JWT"}, good[1]))


def test_the_ids_of_keys_that_are_over(good, refused, later, settings):
    retired = ".".join(good)
    signing_key_rotate(actor=SYSTEM)
    signing_keys.load()
    compromised = login_as(UserFactory()).access
    signing_key_rotate(actor=SYSTEM, compromised=jwt.get_unverified_header(compromised)["kid"])
    signing_keys.load()
    refused(compromised)
    later(seconds=settings.ACCESS_TOKEN_SECONDS + 61)
    signing_keys.load()
    refused(retired)
    # A fresh token of the new key under the id of an old one.
    head, payload, _ = login_as(UserFactory()).access.split(".")
    for old in (retired, compromised):
        refused(signed(head_with([head], kid=jwt.get_unverified_header(old)["kid"]), payload))


def test_a_key_that_the_token_brings_itself(good, refused):
    mine = ed25519.Ed25519PrivateKey.generate()
    x = b64(mine.public_key().public_bytes_raw())
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": read(good[0])["kid"]}
    url = "https://evil.example/jwks.json"
    for extra in (
        {"jwk": jwk},
        {"jku": url},
        {"x5u": url},
        {"x5c": ["MIIB"]},
        {"jwk": jwk, "jku": url, "x5u": url},
    ):
        payload = read(good[1])
        kid = read(good[0])["kid"]
        refused(jwt.encode(payload, mine, algorithm="EdDSA", headers={"kid": kid} | extra))
        refused(signed(head_with(good, **extra), good[1]))


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"extra": "x"},
    ],
    ids=str,
)
def test_heads_with_more_or_other_fields_even_under_our_own_signature(good, refused, extra):
    refused(signed(head_with(good, **extra), good[1]))


def test_the_same_head_spelled_otherwise_even_under_our_own_signature(good, refused):
    head = read(good[0])
    kid = head["kid"]
    spellings = [
        json.dumps(head).encode(),
        json.dumps(dict(reversed(head.items())), separators=(",", ":")).encode(),
        f'{{"alg":"EdDSA","alg":"EdDSA","kid":"{kid}","typ":"JWT"}}'.encode(),
        f'{{"alg":"none","alg":"EdDSA","kid":"{kid}","typ":"JWT"}}'.encode(),
        f'{{"\\u0061lg":"EdDSA","kid":"{kid}","typ":"JWT"}}'.encode(),
        f'\ufeff{{"alg":"EdDSA","kid":"{kid}","typ":"JWT"}}'.encode(),
        b"[" * 2000,
        b"null",
        b"",
    ]
    for spelling in spellings:
        refused(signed(b64(spelling), good[1]))


@pytest.mark.parametrize(
    "scheme", ["Bearer  {}", "Bearer {},{}", "Bearer\t{}", "Token {}", "{}", 'Bearer "{}"']
)
def test_headers_around_a_good_token(api, good, scheme):
    token = ".".join(good)
    answer = api.call("GET", "auth/verify", headers={"authorization": scheme.format(token, token)})
    assert (answer.status_code, error_code(answer)) == (401, "TOKEN_INVALID")


def test_other_kinds_of_tokens_are_no_access_tokens(api, refused):
    user = UserFactory()
    granted = login_as(user)
    refused(granted.refresh)
    refused("ogcs_" + granted.refresh)
    with pytest.raises(TokenInvalid):
        tokens.access_token_check(granted.refresh)
