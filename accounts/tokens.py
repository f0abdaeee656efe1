"""The one door to access tokens: how they are signed, what they carry, how they are checked.

simplejwt makes and checks them; times are platform time, which may run ahead of real time on a local run, so
expiry is checked here and not by the JWT library. Signed with Ed25519 under key ids (`signing_keys`). No head
of a token is read to decide anything: it is, letter for letter, the head that an accepted key writes, or the
token is refused. So no head can name another algorithm, another key or an extension.
Sources: RFC 7519, RFC 8037, RFC 8725 (one algorithm, explicit issuer and audience).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts import signing_keys
from accounts.signing_keys import ALGORITHM
from ogc import clock
from ogc.errors import TokenExpired, TokenInvalid

ISSUER = "ogc-newfinity"
AUDIENCE = "ogc-newfinity-api"
VERSION_CLAIM = "ver"
# Of a signature the last character carries 2 bits: with padding or other low bits the JWT library could take
# many spellings of one token. What is before it is signed as it is written.
_SPELLING = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]", re.ASCII)
REQUIRED_CLAIMS = [
    *("iss", "aud", "sub", "roles", "scopes", "plan", "sid", "iat", "exp", "jti"),
    VERSION_CLAIM,
]


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a checked token says; `expires_at` is epoch seconds of platform time, `kid` its key."""

    kid: str
    user_id: str
    session_id: str
    roles: frozenset[str]
    scopes: frozenset[str]
    plan: str
    claims_version: int
    expires_at: int


class _Backend(TokenBackend):
    """Signature, issuer, audience and presence of all claims; expiry belongs to `_AccessToken`."""

    def encode(self, payload: dict[str, Any]) -> str:
        signer = signing_keys.signer()
        if signer is None:
            raise LookupError("there is no signing key: run manage.py migrate")
        claims = payload | {"aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, signer.private, algorithm=self.algorithm, headers={"kid": signer.kid})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        key = signing_keys.key_of_head(token.partition(".")[0])
        if key is None:
            raise TokenBackendError("Token is invalid")
        try:
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[self.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                options={"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        return claims | {"kid": key.kid}


_BACKEND = _Backend(ALGORITHM, audience=AUDIENCE, issuer=ISSUER)


class _AccessToken(Token):
    token_type = "access"
    lifetime = timedelta(seconds=900)

    def __init__(self, token: Any = None, verify: bool = True) -> None:
        super().__init__(token, verify)
        if token is None:
            self.payload.pop("token_type", None)
            issued_at = clock.now()
            self.set_iat(at_time=issued_at)
            self.set_exp(from_time=issued_at, lifetime=timedelta(seconds=settings.ACCESS_TOKEN_SECONDS))

    def get_token_backend(self) -> TokenBackend:
        return _BACKEND

    def verify_token_type(self) -> None:
        """The audience says what the token is for."""

    def check_exp(self, claim: str = "exp", current_time: Any = None) -> None:
        if self.payload[claim] <= clock.now().timestamp():
            raise ExpiredTokenError("Token is expired")


def access_token_make(
    *,
    user_id: str,
    session_id: str,
    roles: frozenset[str],
    scopes: frozenset[str],
    plan: str,
    claims_version: int,
) -> str:
    """A signed token for ACCESS_TOKEN_SECONDS; ids are public ids."""
    token = _AccessToken()
    token.payload |= {
        "sub": user_id,
        "sid": session_id,
        "roles": sorted(roles),
        "scopes": sorted(scopes),
        "plan": plan,
        VERSION_CLAIM: claims_version,
    }
    return str(token)


def access_token_check(text: str) -> AccessClaims:
    """What a token says, if it is ours and current.

    Raises:
        TokenExpired: it was ours and its time is over.
        TokenInvalid: anything else is wrong with it.
    """
    if not _SPELLING.fullmatch(text):
        raise TokenInvalid
    try:
        claims = _AccessToken(text).payload
        return AccessClaims(
            kid=claims["kid"],
            user_id=claims["sub"],
            session_id=claims["sid"],
            roles=frozenset(claims["roles"]),
            scopes=frozenset(claims["scopes"]),
            plan=claims["plan"],
            claims_version=claims[VERSION_CLAIM],
            expires_at=claims["exp"],
        )
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except (TokenError, TypeError, ValueError) as error:
        raise TokenInvalid from error
