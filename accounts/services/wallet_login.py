"""Login by the signature of a linked chain address."""

import logging

from accounts import ports
from accounts.constants import LoginMethod, NoncePurpose, TokenTransport
from accounts.errors import ProofRefused, WalletLoginInvalid
from accounts.locks import user_lock
from accounts.services import lockout
from accounts.services.address_proofs import (
    AddressChallenge,
    AddressProof,
    nonce_issue,
    proof_check,
    proof_use,
)
from accounts.services.login import login_proceed
from accounts.services.mfa_challenges import MfaRequired
from accounts.services.sessions import Granted
from ogc import context
from ogc.actors import Actor
from ogc.db.transactions import transactional

log = logging.getLogger(__name__)


def wallet_login_nonce(*, actor: Actor, address: str) -> AddressChallenge:
    """A message to sign for a login, for any address: the answer does not say whether somebody linked it.

    Args:
        address: EIP-55 text.

    Effects: one nonce.
    """
    return nonce_issue(purpose=NoncePurpose.LOGIN, address=address)


def wallet_login(
    *, actor: Actor, message: str, signature: str, transport: TokenTransport = TokenTransport.COOKIE
) -> Granted | MfaRequired:
    """Open a session for the user who linked the address, or ask for the second factor.

    Who linked it is looked at last: only who holds an address learns whether it can log in.

    Args:
        message: EIP-4361 text with a nonce of `wallet_login_nonce`.
        signature: 0x hex, of the address's key or for the contract at it (EIP-1271).

    Raises:
        RateLimited: too many failed logins of this IP.
        WalletLoginInvalid: anything is wrong with the proof, or nobody linked the address.
        ServiceUnavailable: the chain can't be asked.
        AccountDisabled: the proof holds, and the user is suspended or closed.

    Effects: one call to the chain where no key signed; the nonce is used up; as `login_proceed`. Failures are
        counted against the IP and audited.
    """
    subjects = lockout.address_subject(context.current().ip)
    counters = lockout.require_unlocked(subjects)
    try:
        proof = proof_check(purpose=NoncePurpose.LOGIN, message=message, signature=signature)
        return _proceed(proof, transport)
    except ProofRefused as refused:
        log.info("wallet login refused", extra={"reason": str(refused)})
    if subjects:
        lockout.failure_note(
            actor=actor, user=None, subjects=subjects, counters=counters, action="auth.login_failed"
        )
    raise WalletLoginInvalid


@transactional
def _proceed(proof: AddressProof, transport: TokenTransport) -> Granted | MfaRequired:
    owner_pk = ports.address_owner(proof.address)
    if owner_pk is None:
        raise ProofRefused("linked by nobody")
    user = user_lock(owner_pk)
    # "This wasn't me" takes addresses off with the user locked: who waited for that must not get in.
    if ports.address_owner(proof.address) != owner_pk:
        raise ProofRefused("taken off meanwhile")
    proof_use(proof)
    return login_proceed(user, transport, method=LoginMethod.WALLET)
