"""Pure decisions about balances, legs and statuses."""

from collections.abc import Sequence

from wallets.constants import CONTRA_KINDS, FREE_KINDS, MEMO_MAX_LENGTH, TRANSACTION_MOVES


def balance_is_allowed(kind: str, balance: int) -> bool:
    """Whether an account of this kind may stand there: contra accounts ≤ 0, `losses` anywhere, others ≥ 0."""
    if kind in FREE_KINDS:
        return True
    return balance <= 0 if kind in CONTRA_KINDS else balance >= 0


def needs_no_lock(kind: str, amount: int) -> bool:
    """Whether this entry can't bring an account of this kind to the wrong side, whatever its balance is."""
    if kind in FREE_KINDS:
        return True
    return amount < 0 if kind in CONTRA_KINDS else amount > 0


def legs_are_balanced(amounts: Sequence[int]) -> bool:
    """Whether these signed amounts make a posting: two or more, none zero, together zero."""
    return len(amounts) >= 2 and all(amounts) and sum(amounts) == 0


def memo_of(reason: str) -> str:
    """What the history shows of a reason, which may be longer than a memo."""
    return reason if len(reason) <= MEMO_MAX_LENGTH else f"{reason[: MEMO_MAX_LENGTH - 1]}…"


def transaction_may_move(status: str, to: str) -> bool:
    """Whether the status table has this move."""
    return to in TRANSACTION_MOVES[status]


def user_account_key(user_public_id: str, kind: str) -> str:
    """Key of one of the four accounts of a user."""
    return f"user:{user_public_id}:{kind}"


def escrow_account_key(challenge_public_id: str) -> str:
    """Key of the escrow of a challenge."""
    return f"escrow:challenge:{challenge_public_id}"
