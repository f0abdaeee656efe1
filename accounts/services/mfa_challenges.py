"""Half logins: a first proof was right, and the second factor is still to come."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet

from accounts.constants import MFA_TOKEN_MAX_TRIES, MFA_TOKEN_SECONDS, LoginMethod, TokenTransport
from accounts.models import MfaChallenge, User
from accounts.selectors import second_factors
from ogc import clock

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class MfaRequired:
    """The answer to a login that needs a second factor; `factors` names those that are on."""

    mfa_token: str
    factors: list[str]
    expires_in: int


def mfa_challenge_open(
    user: User, transport: TokenTransport, *, method: LoginMethod = LoginMethod.PASSWORD
) -> MfaRequired:
    """A half login of a user whose row the caller has locked; the token is kept as a hash.

    Args:
        transport: where the refresh token goes when the login is completed.
        method: what was proved first.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    MfaChallenge.objects.create(
        user=user,
        token_hash=_hash(token),
        transport=transport,
        method=method,
        expires_at=clock.now() + timedelta(seconds=MFA_TOKEN_SECONDS),
    )
    return MfaRequired(token, second_factors(user.pk), MFA_TOKEN_SECONDS)


def mfa_challenge_find(mfa_token: str) -> MfaChallenge | None:
    """The half login with its user, whether or not it can still be completed; None: no such token."""
    return MfaChallenge.objects.select_related("user").filter(token_hash=_hash(mfa_token)).first()


def mfa_challenge_find_open(mfa_token: str) -> MfaChallenge | None:
    """The half login, if it can still be completed."""
    return _open().filter(token_hash=_hash(mfa_token)).first()


def mfa_challenge_take(challenge: MfaChallenge) -> bool:
    """Take one of its tries by compare-and-set. False: expired, used up or void."""
    return bool(_open().filter(pk=challenge.pk).update(tries_count=F("tries_count") + 1))


def mfa_challenge_use(challenge: MfaChallenge) -> bool:
    """Use it up by compare-and-set. False: somebody else did."""
    alive = MfaChallenge.objects.filter(pk=challenge.pk, used_at=None)
    return bool(alive.update(used_at=clock.now()))


def mfa_challenges_void(user: User) -> None:
    """Half logins die with the sessions of a user: whoever ended those does not trust the first proof."""
    MfaChallenge.objects.filter(user=user, used_at=None).update(used_at=clock.now())


def _open() -> "QuerySet[MfaChallenge]":
    return MfaChallenge.objects.filter(
        used_at=None, expires_at__gt=clock.now(), tries_count__lt=MFA_TOKEN_MAX_TRIES
    )


def _hash(token: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
