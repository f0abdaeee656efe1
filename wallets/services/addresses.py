"""Linking a wallet to the chain address that its owner holds. One address, one user."""

import logging

from django.db import IntegrityError
from django.db.models import Q

from accounts.constants import NoncePurpose
from accounts.errors import ProofRefused
from accounts.services import (
    AddressChallenge,
    AddressProof,
    address_change_record,
    nonce_issue,
    proof_check,
    proof_use,
    require_step_up,
    user_hold,
)
from ogc.access import require
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.ports import audit_record
from wallets.chain.network import own_addresses
from wallets.errors import AddressInUse, AddressNotAllowed, SignatureInvalid
from wallets.models import Wallet
from wallets.services.wallets import open_wallet_lock

log = logging.getLogger(__name__)

LINK = "wallet.link_address"
UNLINK = "wallet.unlink_address"


def address_link_nonce(*, actor: Actor, address: str) -> AddressChallenge:
    """A message that the owner of an address signs to link it to the caller's wallet.

    Args:
        address: EIP-55 text; whether somebody linked it is not looked at.

    Raises:
        PermissionDenied: the caller may not.
        AddressNotAllowed: one of the platform's own.

    Effects: one nonce.
    """
    require(actor, LINK, scope="self")
    _refuse_own(address)
    return nonce_issue(purpose=NoncePurpose.LINK, address=address, user_id=actor.user_id or "")


def address_link(*, actor: Actor, message: str, signature: str) -> None:
    """Link the address that signed to the caller's wallet, in place of the one that was linked before.

    A linked address logs in and its deposits are credited, so a session that is not fresh needs a step-up:
    whoever stole it can't keep a way in.

    Args:
        message: EIP-4361 text with a nonce of `address_link_nonce`.
        signature: 0x hex, of the address's key or for the contract at it (EIP-1271).

    Raises (in this order):
        PermissionDenied, StepUpRequired: the caller may not, or not with this session now.
        SignatureInvalid: the message, its nonce or the signature does not hold.
        ServiceUnavailable: the chain can't be asked.
        AddressNotAllowed: one of the platform's own.
        NotFound: the caller has no open wallet.
        AddressInUse: somebody else linked it, maybe at this moment.

    Effects:
        One call to the chain where no key signed. Then locks user, accounts, wallet; the nonce is used up;
        lines of the timeline, audit record, event `address_linked`.

    Idempotency: linking the address that is linked changes nothing and tells nobody.
    """
    require(actor, LINK, scope="self")
    require_step_up(actor, LINK)
    try:
        proof = proof_check(
            purpose=NoncePurpose.LINK, message=message, signature=signature, user_id=actor.user_id or ""
        )
        _refuse_own(proof.address)
        _link(actor, proof)
    except ProofRefused as refused:
        log.info("address not linked", extra={"reason": str(refused)})
        raise SignatureInvalid from None


@transactional
def address_unlink(*, actor: Actor) -> None:
    """Take the address off the caller's wallet. Without one: no effect.

    Raises:
        PermissionDenied, NotFound: the caller may not, or has no open wallet.

    Effects: locks user, accounts, wallet; a line of the timeline, audit record.
    """
    require(actor, UNLINK, scope="self")
    user_hold(user_id=actor.user_id or "")
    _unlink(actor, actor.user_id or "")


@transactional
def user_address_unlink(user_id: str, reason: str, address: str = "") -> bool:
    """Take the address off the wallet of a user who did not link it; the caller answers for the permission.

    Fills `accounts.ports.unlink_address`.

    Args:
        address: only if it is this one (EIP-55); empty: whichever it is.

    Returns:
        Whether it was linked.

    Raises:
        NotFound: the user has no open wallet.
    """
    return _unlink(SYSTEM, user_id, reason=reason, only=address)


@transactional
def _link(actor: Actor, proof: AddressProof) -> None:
    proof_use(proof)
    wallet = open_wallet_lock(Q(user__public_id=actor.user_id))
    if wallet.address == proof.address:
        return
    if Wallet.objects.filter(address=proof.address).exists():
        raise AddressInUse
    try:
        before = _set_address(wallet, proof.address)
    except IntegrityError as error:
        raise AddressInUse from error
    _record(actor, wallet, LINK, before=before)


def _unlink(actor: Actor, user_id: str, *, reason: str = "", only: str = "") -> bool:
    wallet = open_wallet_lock(Q(user__public_id=user_id))
    if not wallet.address or only not in ("", wallet.address):
        return False
    before = _set_address(wallet, None)
    _record(actor, wallet, UNLINK, before=before, reason=reason)
    return True


def _set_address(wallet: Wallet, address: str | None) -> str | None:
    """Returns the address before."""
    before: str | None = wallet.address
    wallet.address = address
    wallet.save(update_fields=["address"])
    return before


def _record(actor: Actor, wallet: Wallet, action: str, *, before: str | None, reason: str = "") -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="wallet",
        target_id=wallet.public_id,
        before={"address": before},
        after={"address": wallet.address},
        reason=reason,
    )
    address_change_record(
        actor=actor,
        user_id=wallet.user.public_id,
        linked=wallet.address or "",
        unlinked=before or "",
    )


def _refuse_own(address: str) -> None:
    if address in own_addresses():
        raise AddressNotAllowed("This address is one of the platform's own.", address=address)
