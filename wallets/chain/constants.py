"""States of outgoing chain transactions and the one table of their moves; limits with units and reasons."""

from dataclasses import dataclass

from django.db.models import TextChoices


class ChainStatus(TextChoices):
    """Life of an outgoing transaction (product.md, On chain)."""

    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    NONCE_RESERVED = "nonce_reserved"
    SIGNED = "signed"
    BROADCAST = "broadcast"
    MINED = "mined"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ChainAction(TextChoices):
    """What moves an outgoing transaction."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    RESERVE = "reserve"
    SIGN = "sign"
    SEND = "send"
    MINE = "mine"
    ORPHAN = "orphan"
    CONFIRM = "confirm"
    FAIL = "fail"


class ChainPurpose(TextChoices):
    """Why the hot wallet sends."""

    WITHDRAWAL = "withdrawal"
    FAUCET = "faucet"


class SignerStatus(TextChoices):
    """Whether the lane may use a signer."""

    ACTIVE = "active"
    STOPPED = "stopped"


class LogStatus(TextChoices):
    """Life of a seen token transfer that touches one of our addresses."""

    SEEN = "seen"
    FINAL = "final"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from any of `sources` by an action to `target`.

    `scope` is what a person needs ("self": owner; "": machines only). `effect` names what the ledger does.
    """

    sources: frozenset[str]
    target: str
    scope: str = ""
    effect: str = ""


_S = ChainStatus
TRANSITIONS: dict[str, Transition] = {
    ChainAction.APPROVE: Transition(frozenset({_S.AWAITING_APPROVAL}), _S.QUEUED, scope="wallet.approve"),
    ChainAction.REJECT: Transition(
        frozenset({_S.AWAITING_APPROVAL}), _S.REJECTED, scope="wallet.approve", effect="void"
    ),
    ChainAction.CANCEL: Transition(
        frozenset({_S.AWAITING_APPROVAL, _S.QUEUED}), _S.CANCELLED, scope="self", effect="void"
    ),
    ChainAction.RESERVE: Transition(frozenset({_S.QUEUED}), _S.NONCE_RESERVED),
    ChainAction.SIGN: Transition(frozenset({_S.NONCE_RESERVED}), _S.SIGNED),
    ChainAction.SEND: Transition(frozenset({_S.SIGNED}), _S.BROADCAST),
    # A send whose answer was lost is found mined while its row still says signed.
    ChainAction.MINE: Transition(frozenset({_S.SIGNED, _S.BROADCAST}), _S.MINED),
    ChainAction.ORPHAN: Transition(frozenset({_S.MINED, _S.CONFIRMED}), _S.BROADCAST),
    ChainAction.CONFIRM: Transition(frozenset({_S.MINED}), _S.CONFIRMED, effect="settle"),
    ChainAction.FAIL: Transition(frozenset({_S.MINED}), _S.FAILED, effect="void"),
}

ON_CHAIN = (_S.SIGNED, _S.BROADCAST, _S.MINED)
"""States in which the outcome is still open on the chain."""

UNFINISHED = (_S.QUEUED, _S.NONCE_RESERVED, *ON_CHAIN)
"""States that machines still have to move."""

LANE_BATCH = 100
"""Rows per lane round: one JSON-RPC array stays far below the size limits of public endpoints."""

LANE_LEASE_SECONDS = 30
"""One lane per signer: how long a dead lane keeps the signer to itself."""

RESEND_AFTER_SECONDS = 20
"""A broadcast row not seen mined for this long is sent again, the same raw."""

REPLACE_AFTER_SECONDS = 120
"""A broadcast row not seen mined for this long gets higher fees, if the market asks more than it offers."""

REPLACEMENT_BUMP_BPS = 1250
"""Both fee fields rise by at least this: nodes refuse less than 10 %."""

TRANSFER_GAS = 120_000
"""Gas limit of a token transfer; measured 51k to a fresh address, the rest is returned."""

KEPT_BLOCKS = 512
"""Block hashes kept for finding a fork: beyond the deepest reorganisation seen (157)."""

FINAL_CHUNK = 100
"""Blocks per final read: headers come in one array, logs in one call."""

LOCAL_CHAIN_ID = 31337
"""Chain id of the local node; only there blocks are mined by us."""
