"""Access tokens: what they carry, and what is refused."""

import base64
import json
from datetime import timedelta

import jwt
import pytest

from accounts import tokens
from accounts.tokens import access_token_check, access_token_make
from ogc import clock
from ogc.errors import TokenExpired, TokenInvalid
from ogc.seal import derive_key


def make(**changes):
    claims = {
        "user_id": "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6a",
        "session_id": "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6b",
        "roles": frozenset({"user", "judge"}),
        "scopes": frozenset({"self", "submission.judge"}),
        "plan": "pro",
        "claims_version": 3,
    }
    return access_token_make(**(claims | changes))


def payload_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def signing_key(settings):
    return derive_key(settings.SECRET_KEY.encode(), "accounts.access-token").hex()


def test_a_token_carries_the_claims_of_the_contract_and_nothing_personal(settings):
    payload = payload_of(make())
    assert set(payload) == {
        "iss", "aud", "sub", "roles", "scopes", "plan", "sid", "iat", "exp", "jti", "ver",
    }  # fmt: skip
    assert payload["exp"] - payload["iat"] == settings.ACCESS_TOKEN_SECONDS == 900
    assert payload["roles"] == ["judge", "user"]
    assert payload["scopes"] == ["self", "submission.judge"]


def test_a_token_of_ours_is_read_back():
    claims = access_token_check(make())
    assert claims.user_id == "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6a"
    assert claims.session_id == "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6b"
    assert claims.roles == {"user", "judge"}
    assert (claims.plan, claims.claims_version) == ("pro", 3)


def test_a_token_has_one_spelling():
    token = make()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bits = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    for other in (token + "=", token + "==", token + "\n", same_bits, token.replace(".", "=.", 1)):
        with pytest.raises(TokenInvalid):
            access_token_check(other)


def test_expiry_follows_platform_time():
    token = make()
    try:
        clock.apply_offset(timedelta(seconds=899))
        access_token_check(token)
        clock.apply_offset(timedelta(seconds=901))
        with pytest.raises(TokenExpired):
            access_token_check(token)
        later = make()
        access_token_check(later)
    finally:
        clock.apply_offset(timedelta(0))


def test_no_algorithm_is_refused():
    head, body, _ = make().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    for forged in (f"{none}.{body}.", f"{none}.{body}.AAAA", f"{head}.{body}."):
        with pytest.raises(TokenInvalid):
            access_token_check(forged)


def test_another_key_algorithm_audience_or_issuer_is_refused(settings):
    payload, key = payload_of(make()), signing_key(settings)
    assert access_token_check(jwt.encode(payload, key, algorithm="HS256")).plan == "pro"
    forged = [
        jwt.encode(payload, "x" * 64, algorithm="HS256"),
        jwt.encode(payload, settings.SECRET_KEY, algorithm="HS256"),
        jwt.encode(payload, key, algorithm="HS512"),
        jwt.encode(payload | {"aud": "another"}, key, algorithm="HS256"),
        jwt.encode(payload | {"iss": "another"}, key, algorithm="HS256"),
    ]
    for token in forged:
        with pytest.raises(TokenInvalid):
            access_token_check(token)


@pytest.mark.parametrize("claim", tokens.REQUIRED_CLAIMS)
def test_every_claim_is_required(settings, claim):
    payload = payload_of(make())
    del payload[claim]
    with pytest.raises(TokenInvalid):
        access_token_check(jwt.encode(payload, signing_key(settings), algorithm="HS256"))


def test_a_changed_token_is_refused():
    head, body, signature = make().split(".")
    changed = payload_of(f"{head}.{body}.") | {"roles": ["super_admin"]}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenInvalid):
        access_token_check(f"{head}.{forged}.{signature}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "\x00", "é" * 40])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(TokenInvalid):
        access_token_check(text)
