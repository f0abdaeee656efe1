"""Rows of wallets: who holds an account, and the journal behind every balance."""

from wallets.models.chain import (
    ChainBlock,
    ChainNetwork,
    ChainPosition,
    ChainSigner,
    ChainTransaction,
    PayoutDay,
    SeenTransfer,
    SignedAttempt,
)
from wallets.models.holds import Hold
from wallets.models.ledger import (
    Checkpoint,
    Entry,
    FoldedEntry,
    LedgerAccount,
    LedgerMark,
    Posting,
    Transaction,
    UnfoldedEntry,
)
from wallets.models.outflow import Outflow
from wallets.models.proofs import LiabilityLeaf, LiabilityNode, LiabilityProof
from wallets.models.reports import LedgerReport, ShadowBalance
from wallets.models.rewards import Reward
from wallets.models.staff import StaffMove
from wallets.models.wallet import Wallet

__all__ = [
    "ChainBlock",
    "ChainNetwork",
    "ChainPosition",
    "ChainSigner",
    "ChainTransaction",
    "Checkpoint",
    "Entry",
    "FoldedEntry",
    "Hold",
    "LedgerAccount",
    "LedgerMark",
    "LedgerReport",
    "LiabilityLeaf",
    "LiabilityNode",
    "LiabilityProof",
    "Outflow",
    "PayoutDay",
    "Posting",
    "Reward",
    "SeenTransfer",
    "ShadowBalance",
    "SignedAttempt",
    "StaffMove",
    "Transaction",
    "UnfoldedEntry",
    "Wallet",
]
