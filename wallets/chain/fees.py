"""Fee arithmetic of EIP-1559 transactions, in wei per gas. Pure.

Source: EIP-1559; geth transaction pool (`pricebump`, 10 %).
"""

from dataclasses import dataclass

from wallets.chain.constants import REPLACEMENT_BUMP_BPS

FULL_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Fees:
    """Both fee fields of a type 2 transaction."""

    max_fee_wei: int
    priority_fee_wei: int


def suggest(*, base_fee_wei: int, tip_wei: int) -> Fees:
    """Fees that stay includable while the base fee doubles."""
    return Fees(max_fee_wei=2 * base_fee_wei + tip_wei, priority_fee_wei=tip_wei)


def replace(old: Fees, market: Fees) -> Fees:
    """Fees of a replacement: both fields at least 12.5 % above the old ones, rounded up, and at the
    market."""
    priority = max(_bumped(old.priority_fee_wei), market.priority_fee_wei)
    return Fees(
        max_fee_wei=max(_bumped(old.max_fee_wei), market.max_fee_wei, priority), priority_fee_wei=priority
    )


def market_asks_more(old: Fees, market: Fees) -> bool:
    """Whether the market's suggestion is above what was offered, so that a replacement can help."""
    return market.max_fee_wei > old.max_fee_wei or market.priority_fee_wei > old.priority_fee_wei


def _bumped(value: int) -> int:
    return -(-value * (FULL_BPS + REPLACEMENT_BUMP_BPS) // FULL_BPS)
