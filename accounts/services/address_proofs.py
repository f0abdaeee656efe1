"""Proofs that somebody holds a chain address: a nonce given out, a signed message checked, the nonce used.

A wallet may build the message itself, so any EIP-4361 text is taken that carries our domain, our chain and a
nonce of ours; what else it says (statement, resources) is between the wallet and its owner.

Sources: EIP-4361, EIP-1271.
"""

import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from accounts import ports
from accounts.constants import ADDRESS_NONCE_SECONDS, CLOCK_SKEW_SECONDS, NoncePurpose
from accounts.errors import ProofRefused
from accounts.locks import user_lock
from accounts.models import AddressNonce
from accounts.selectors import user_pk
from accounts.signatures import signature_bytes, signer_of, text_digest
from accounts.siwe import MessageMalformed, SiweMessage, instant, message_parse, message_text
from ogc import clock
from ogc.db.transactions import transactional

NONCE_LENGTH = 22
"""Of 62 letters and digits: 130 bits."""
_ALPHABET = string.ascii_letters + string.digits

STATEMENTS = {
    NoncePurpose.LOGIN: "Log in to OGC NewFinity.",
    NoncePurpose.LINK: (
        "Link this address to my OGC NewFinity account {user_id}. "
        "Deposits from it are credited to that account, and it can log in there."
    ),
}
"""What people read; of EIP-4361's characters only."""


@dataclass(frozen=True, slots=True)
class AddressChallenge:
    """What a wallet is asked to sign; `message` is ready for personal_sign."""

    nonce: str
    message: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AddressProof:
    """A checked signature whose nonce is not used yet; `user_id` is the public id it was asked for."""

    nonce_pk: int
    address: str
    user_id: str | None


@transactional
def nonce_issue(*, purpose: NoncePurpose, address: str, user_id: str | None = None) -> AddressChallenge:
    """Give out a nonce for one purpose, one address and, where one is known, one user.

    Whether the address is linked to anybody makes no difference.

    Args:
        address: EIP-55 text.
        user_id: public id.

    Effects: one AddressNonce row.
    """
    row = AddressNonce.objects.create(
        nonce="".join(secrets.choice(_ALPHABET) for _ in range(NONCE_LENGTH)),
        purpose=purpose,
        address=address,
        user_id=None if user_id is None else user_pk(user_id),
        expires_at=clock.now() + timedelta(seconds=ADDRESS_NONCE_SECONDS),
    )
    message = SiweMessage(
        domain=urlsplit(settings.PUBLIC_URL).netloc,
        address=address,
        statement=STATEMENTS[purpose].format(user_id=user_id),
        uri=settings.PUBLIC_URL,
        chain_id=settings.CHAIN_ID,
        nonce=row.nonce,
        issued_at=_rfc3339(row.created_at),
        expiration_time=_rfc3339(row.expires_at),
    )
    return AddressChallenge(row.nonce, message_text(message), row.expires_at)


def proof_check(
    *, purpose: NoncePurpose, message: str, signature: str, user_id: str | None = None
) -> AddressProof:
    """Check a signed message; `proof_use` then uses up its nonce, in the transaction of what it is for.

    Never inside a transaction: what no key signed is asked of the contract at the address, over the network.

    Args:
        signature: 0x hex.
        user_id: who presents it, for nonces that were given to a user.

    Raises:
        ProofRefused: anything is wrong with it; the reason is for logs, not for the caller.
        ServiceUnavailable: it may be a contract's, and the chain can't be asked.
    """
    try:
        parsed = message_parse(message)
    except MessageMalformed:
        raise ProofRefused("malformed message") from None
    _check_origin(parsed)
    row = AddressNonce.objects.filter(nonce=parsed.nonce, purpose=purpose, used_at=None).first()
    if row is None or row.expires_at <= clock.now():
        raise ProofRefused("nonce unknown, used, expired or of another purpose")
    if row.address != parsed.address:
        raise ProofRefused("nonce of another address")
    if row.user_id != (None if user_id is None else user_pk(user_id)):
        raise ProofRefused("nonce of another user")
    _check_times(parsed, row)
    _check_signature(parsed.address, message, signature)
    return AddressProof(row.pk, row.address, user_id)


def proof_use(proof: AddressProof) -> None:
    """Use up the nonce of a proof in the caller's transaction; of two at once, one gets through.

    Raises:
        ProofRefused: it was used meanwhile, or its time is over.

    Effects: locks the user whom the proof was asked for.
    """
    if proof.user_id is not None:
        user_lock(user_pk(proof.user_id))
    now = clock.now()
    unused = AddressNonce.objects.filter(pk=proof.nonce_pk, used_at=None, expires_at__gt=now)
    if not unused.update(used_at=now):
        raise ProofRefused("nonce used meanwhile")


def _check_origin(message: SiweMessage) -> None:
    ours = urlsplit(settings.PUBLIC_URL)
    if message.domain.lower() != ours.netloc.lower() or message.scheme not in (None, ours.scheme):
        raise ProofRefused("another domain")
    uri = urlsplit(message.uri)
    if (uri.scheme, uri.netloc.lower()) != (ours.scheme, ours.netloc.lower()):
        raise ProofRefused("another URI")
    if message.chain_id != settings.CHAIN_ID:
        raise ProofRefused("another chain")


def _check_times(message: SiweMessage, row: AddressNonce) -> None:
    # Texts of ours carry platform time, those that wallets build real time; without DEBUG they are one.
    skew = timedelta(seconds=CLOCK_SKEW_SECONDS)
    issued_at = instant(message.issued_at)
    if not row.created_at - clock.offset() - skew <= issued_at <= clock.now() + skew:
        raise ProofRefused("issued before the nonce or in the future")
    if message.expiration_time is not None and instant(message.expiration_time) <= clock.real_now():
        raise ProofRefused("expired")
    if message.not_before is not None and instant(message.not_before) > clock.now() + skew:
        raise ProofRefused("not valid yet")


def _check_signature(address: str, message: str, signature: str) -> None:
    given, digest = signature_bytes(signature), text_digest(message)
    if given is None:
        raise ProofRefused("the signature is not hex, or too long")
    if signer_of(digest, given) == address:
        return
    if not ports.contract_signature_is_valid(address, digest, given):
        raise ProofRefused("wrong signature")


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
