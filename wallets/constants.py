"""Words and limits of wallets and the ledger: kinds, types, statuses and their table."""

from django.db.models import TextChoices


class WalletStatus(TextChoices):
    """What a wallet may do: a frozen one still receives, a closed one does neither."""

    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


class FreezeCause(TextChoices):
    """Why a wallet is frozen: what a person froze, only a person unfreezes."""

    PERSON = "person"
    SUSPENSION = "suspension"


class AccountKind(TextChoices):
    """What an account of the ledger holds."""

    AVAILABLE = "available"
    PENDING = "pending"
    STAKED = "staked"
    RESERVED = "reserved"
    ESCROW = "escrow"
    TREASURY = "treasury"
    REWARDS_POOL = "rewards_pool"
    MINING_POOL = "mining_pool"
    STAKING_YIELD = "staking_yield"
    SUBSCRIPTION_REVENUE = "subscription_revenue"
    FEES = "fees"
    UNCLAIMED_DEPOSITS = "unclaimed_deposits"
    LOSSES = "losses"
    ONCHAIN_HOT = "onchain_hot"
    ONCHAIN_COLD = "onchain_cold"
    ONCHAIN_VAULT = "onchain_vault"


WALLET_KINDS = (AccountKind.AVAILABLE, AccountKind.PENDING, AccountKind.STAKED, AccountKind.RESERVED)
"""The four accounts of every wallet, in the order in which they are shown."""

CONTRA_KINDS = (AccountKind.ONCHAIN_HOT, AccountKind.ONCHAIN_COLD, AccountKind.ONCHAIN_VAULT)
"""Accounts whose negative balance mirrors tokens held on chain: never above zero."""

FREE_KINDS = (AccountKind.LOSSES,)
"""Accounts that may stand on either side of zero."""

SYSTEM_KINDS = tuple(kind for kind in AccountKind if kind not in (*WALLET_KINDS, AccountKind.ESCROW))
"""Accounts that exist once; their key is their kind."""


class TransactionType(TextChoices):
    """The business meaning of a transaction; which accounts each moves: product.md, Money."""

    GENESIS = "genesis"
    CUSTODY_MOVE = "custody_move"
    POOL_FUNDING = "pool_funding"
    ESCROW_FUND = "escrow_fund"
    ESCROW_REFUND = "escrow_refund"
    TRANSFER = "transfer"
    DEPOSIT = "deposit"
    CLAIM = "claim"
    WITHDRAWAL = "withdrawal"
    STAKE = "stake"
    UNSTAKE = "unstake"
    VAULT_MOVE = "vault_move"
    YIELD_FUNDING = "yield_funding"
    STAKE_REWARD = "stake_reward"
    REWARD = "reward"
    MINING = "mining"
    SUBSCRIPTION = "subscription"
    REFUND = "refund"
    SWEEP = "sweep"
    ADMIN_ADJUST = "admin_adjust"
    FAUCET = "faucet"
    LOSS = "loss"
    REVERSAL = "reversal"


CHAIN_TYPES = frozenset(
    {
        TransactionType.CUSTODY_MOVE,
        TransactionType.DEPOSIT,
        TransactionType.WITHDRAWAL,
        TransactionType.STAKE,
        TransactionType.UNSTAKE,
        TransactionType.VAULT_MOVE,
    }
)
"""Types of which chain data is shown."""


class TransactionStatus(TextChoices):
    """Where a transaction stands."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


TRANSACTION_MOVES: dict[str, frozenset[str]] = {
    TransactionStatus.PENDING: frozenset(
        {
            TransactionStatus.COMPLETED,
            TransactionStatus.FAILED,
            TransactionStatus.CANCELLED,
            TransactionStatus.REVERSED,
        }
    ),
    TransactionStatus.COMPLETED: frozenset({TransactionStatus.REVERSED}),
    TransactionStatus.FAILED: frozenset(),
    TransactionStatus.CANCELLED: frozenset(),
    TransactionStatus.REVERSED: frozenset(),
}
"""From status to the statuses that may follow; everything else is refused."""


class PostingKind(TextChoices):
    """What a journal record does to the transaction that it belongs to."""

    POST = "post"
    HOLD = "hold"
    SETTLE = "settle"
    VOID = "void"
    RELEASE = "release"
    REVERSE = "reverse"


class HoldPurpose(TextChoices):
    """What tokens are held for."""

    WITHDRAWAL = "withdrawal"
    CHECKOUT = "checkout"


class HoldStatus(TextChoices):
    """How a hold ended, if it did; an expired one was voided by time."""

    OPEN = "open"
    SETTLED = "settled"
    VOIDED = "voided"
    EXPIRED = "expired"


class RewardSource(TextChoices):
    """What a reward was earned with."""

    CHALLENGE = "challenge"
    MINING = "mining"
    GRANT = "grant"


class RewardStatus(TextChoices):
    """Where a reward stands."""

    PENDING = "pending"
    RELEASED = "released"
    REVERSED = "reversed"


class ShownRewardStatus(TextChoices):
    """Where a reward stands for its owner; a held one is pending while its wallet is under a risk hold."""

    PENDING = "pending"
    HELD = "held"
    RELEASED = "released"
    REVERSED = "reversed"


class StaffMoveKind(TextChoices):
    """What staff move by hand."""

    ADJUSTMENT = "adjustment"
    REWARD = "reward"
    REVERSAL = "reversal"


STAFF_MOVE_HOURS = 24
"""How far back the moves of one actor count for the threshold of a second person."""

ADJUST_ACTION = "wallet.adjust"
REVERSE_ACTION = "wallet.reverse"
GRANT_ACTION = "reward.grant"
"""What policies and approvals call the three kinds of moves by hand."""

REVERSIBLE_TYPES = frozenset(
    {
        TransactionType.TRANSFER,
        TransactionType.REWARD,
        TransactionType.MINING,
        TransactionType.SUBSCRIPTION,
        TransactionType.REFUND,
        TransactionType.CLAIM,
        TransactionType.ADMIN_ADJUST,
    }
)
"""What can be undone in the ledger alone, and touches a user. Not: what mirrors the chain, what a challenge
or the platform holds (escrows, pools), and a reversal itself."""

EARNED_TYPES = frozenset({TransactionType.REWARD, TransactionType.MINING})
"""What is reversed out of `pending` too, while it is not released."""


class ProofStatus(TextChoices):
    """Life of a proof of liabilities; the tree of a pruned one is deleted, its root stays."""

    QUEUED = "queued"
    PUBLISHED = "published"
    PRUNED = "pruned"
    FAILED = "failed"


class Direction(TextChoices):
    """Whether the caller gave or received."""

    IN = "in"
    OUT = "out"


SECTION_ENTRIES = 16
"""Entries of one account between two stored sums: a running balance adds at most this many entries."""

FOLD_MAX = 500
"""Entries that one statement folds into balances: bounds the time for which an account stays locked."""

POST_MANY_MAX = 200
"""Transactions of one `post_many`: bounds the time for which its accounts stay locked."""

MEMO_MAX_LENGTH = 140
ACCOUNT_KEY_MAX_LENGTH = 80
SOURCE_KEY_MAX_LENGTH = 160
"""The key of a payment (`accounts.constants.PAYMENT_KEY_MAX_LENGTH`) and a word before it fit in."""
REFERENCE_MAX_LENGTH = 80
ADDRESS_LENGTH = 42
PROOF_HASH_LENGTH = 64
PROOF_SALT_LENGTH = 64
"""Hex digits of SHA-256 and of 32 random bytes."""
PROOF_SHARES = ("users", "escrows", "unclaimed_deposits", "platform", "losses")
"""Whose the balances of a proof are; `losses` may be below zero and is in no leaf."""
HOLDING_PLACES = ("hot", "cold", "vault")
"""Where tokens on chain are, in a proof."""
