"""How much may leave a wallet, rule by rule, for the moves and for their previews; no rows here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from ogc.amounts import format_amount
from wallets.errors import LimitExceeded


class Limit(NamedTuple):
    """One rule with what is used up before the move, and what the move takes of it.

    Base units; for rules with `is_count` numbers of moves.
    """

    name: str
    limit: int
    used: int
    asked: int
    is_count: bool = False

    @property
    def left(self) -> int:
        """What may still be moved, this move not counted."""
        return max(0, self.limit - self.used)

    @property
    def is_kept(self) -> bool:
        """Whether the move fits in."""
        return self.used + self.asked <= self.limit


@dataclass(frozen=True, slots=True)
class Outflow:
    """What a wallet transferred in its latest hour and day: `wallets.models.Outflow`, or nothing."""

    hour: str = ""
    hour_amount: int = 0
    hour_count: int = 0
    day: str = ""
    day_amount: int = 0
    day_count: int = 0


NOTHING_GIVEN = Outflow()


def transfer_limits(outflow: Outflow, amount: int, now: datetime) -> list[Limit]:
    """The rules for transfers inside the platform: amounts and numbers by clock hour and day, UTC."""
    text = now.isoformat(" ")
    same_hour, same_day = outflow.hour == text[:13], outflow.day == text[:10]
    hour, hour_count = (outflow.hour_amount, outflow.hour_count) if same_hour else (0, 0)
    day, day_count = (outflow.day_amount, outflow.day_count) if same_day else (0, 0)
    return [
        Limit("user_hour", settings.TRANSFER_LIMIT_USER_HOUR, hour, amount),
        Limit("user_day", settings.TRANSFER_LIMIT_USER_DAY, day, amount),
        Limit("user_hour_count", settings.TRANSFER_COUNT_USER_HOUR, hour_count, 1, is_count=True),
        Limit("user_day_count", settings.TRANSFER_COUNT_USER_DAY, day_count, 1, is_count=True),
    ]


def withdrawal_limits(amount: int, *, user_today: int, platform_today: int) -> list[Limit]:
    """The rules for withdrawals; days are UTC days, what was rejected, cancelled or failed does not count."""
    return [
        Limit("per_transaction", settings.WITHDRAWAL_LIMIT_PER_TX, 0, amount),
        Limit("user_day", settings.WITHDRAWAL_LIMIT_USER_DAY, user_today, amount),
        Limit("platform_day", settings.WITHDRAWAL_LIMIT_PLATFORM_DAY, platform_today, amount),
    ]


def require_limits(limits: Iterable[Limit]) -> None:
    """Go on only within all of them.

    Raises:
        LimitExceeded: `details.limit` names the first that is not kept, `details.left` what is left of it.
    """
    for limit in limits:
        if not limit.is_kept:
            raise LimitExceeded(limit=limit.name, left=limit_text(limit, limit.left))


def limit_text(limit: Limit, value: int) -> str:
    """A value of this rule as the API shows it: OGC as a decimal string, or a number of moves."""
    return str(value) if limit.is_count else format_amount(value)
