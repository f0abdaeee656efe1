"""What a move of tokens would cost and need, told before it is made."""

from dataclasses import dataclass

from wallets.errors import InsufficientBalance, LimitExceeded
from wallets.limits import Limit


@dataclass(frozen=True, slots=True)
class Preview:
    """A dry run: base units; `available` is what the giver has now.

    `expected_seconds` until the receiver has the tokens, once nobody has to approve any more; 0 at once, None
    while withdrawals are held and nobody can tell.
    """

    type: str
    amount: int
    fee: int
    available: int
    limits: list[Limit]
    needs_approval: bool = False
    needs_step_up: bool = False
    expected_seconds: int | None = 0

    @property
    def total(self) -> int:
        """What leaves the giver's balance."""
        return self.amount + self.fee

    @property
    def refusal(self) -> str | None:
        """The code with which the move would be refused now, leaving out the step-up; None: it would go."""
        if not all(limit.is_kept for limit in self.limits):
            return LimitExceeded.code
        return InsufficientBalance.code if self.total > self.available else None
