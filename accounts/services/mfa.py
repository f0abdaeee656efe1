"""The second step of a login."""

from collections.abc import Callable

from accounts.constants import Factor, LoginMethod, TokenTransport
from accounts.locks import user_lock
from accounts.models import MfaChallenge, User
from accounts.services import lockout
from accounts.services.confirmations import proof_attempt
from accounts.services.factors import code_use, factor_use_record
from accounts.services.login import login_complete
from accounts.services.mfa_challenges import (
    mfa_challenge_find,
    mfa_challenge_take,
    mfa_challenge_use,
)
from accounts.services.sessions import Granted
from ogc import context
from ogc.actors import Actor
from ogc.errors import AccountDisabled


def mfa_verify(*, actor: Actor, mfa_token: str, code: str, is_admin_site: bool = False) -> Granted:
    """Complete a login with a code of the authenticator app or a recovery code.

    Raises: as `mfa_answer`.
    """
    return mfa_answer(
        actor=actor,
        mfa_token=mfa_token,
        prove=lambda user: code_use(user, code),
        is_admin_site=is_admin_site,
    )


def mfa_answer(
    *,
    actor: Actor,
    mfa_token: str,
    prove: Callable[[User], Factor | None],
    is_admin_site: bool = False,
) -> Granted:
    """Complete a login with whatever second factor `prove` checks.

    Args:
        is_admin_site: whether the login began there; it is completed where it began.
        prove: runs in the transaction, with the user locked; None when the proof is wrong, and then it
            wrote nothing that must not stay.

    Raises:
        MfaInvalid: unknown, used, spent or expired half login, or a wrong proof; they look the same.
        RateLimited: too many failures of this account's second factor or of this IP. The counter outlives
            half logins: who has the password gains nothing by logging in again.
        AccountDisabled: the user was suspended or closed since.

    Effects: locks the counters, then the user; a try is taken; as `login_complete`.
    """
    challenge = _find(actor, mfa_token, is_admin_site)
    user = challenge.user
    return proof_attempt(
        actor=actor,
        user=user,
        subjects=lockout.factor_subjects(user.public_id, context.current().ip),
        check=lambda: _complete(challenge, prove),
    )


def _find(actor: Actor, mfa_token: str, is_admin_site: bool) -> MfaChallenge:
    """The half login; guesses of tokens count against the IP."""
    found = mfa_challenge_find(mfa_token)
    if found is not None and (found.transport == TokenTransport.ADMIN) == is_admin_site:
        return found
    return proof_attempt(
        actor=actor,
        user=None,
        subjects=lockout.address_subject(context.current().ip),
        check=lambda: None,
    )


def _complete(challenge: MfaChallenge, prove: Callable[[User], Factor | None]) -> Granted | None:
    user = user_lock(challenge.user_id)
    if not user.is_active:
        raise AccountDisabled
    factor = prove(user) if mfa_challenge_take(challenge) else None
    if factor is None or not mfa_challenge_use(challenge):
        return None
    granted = login_complete(
        user,
        TokenTransport(challenge.transport),
        method=LoginMethod(challenge.method),
        with_factor=True,
    )
    factor_use_record(user, factor, session_id=granted.session_id)
    return granted
