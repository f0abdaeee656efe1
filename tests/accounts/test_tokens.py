"""Access tokens: what they carry, and what is refused."""

import base64
import json
from datetime import timedelta

import jwt
import pytest

from accounts import signing_keys, tokens
from accounts.tokens import access_token_check, access_token_make
from ogc import clock
from ogc.errors import TokenExpired, TokenInvalid

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


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


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_token_carries_the_claims_of_the_contract_and_nothing_personal(settings):
    head, payload = (decoded(part) for part in make().split(".")[:2])
    assert head == {"alg": "EdDSA", "kid": signing_keys.signer().kid, "typ": "JWT"}
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
    assert (claims.plan, claims.claims_version, claims.kid) == ("pro", 3, signing_keys.signer().kid)


def test_others_can_check_a_token_with_the_published_keys(api):
    token = make()
    published = jwt.PyJWKSet.from_dict(api.get("/.well-known/jwks.json").json())
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=tokens.AUDIENCE, issuer=tokens.ISSUER)
    assert claims["plan"] == "pro"


def test_expiry_follows_platform_time():
    token = make()
    clock.apply_offset(timedelta(seconds=899))
    access_token_check(token)
    clock.apply_offset(timedelta(seconds=901))
    with pytest.raises(TokenExpired):
        access_token_check(token)
    access_token_check(make())


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "\x00", "é" * 40])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(TokenInvalid):
        access_token_check(text)
