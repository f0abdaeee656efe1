"""The stored sums of one account, checkpoints and balance, against the running sum of its entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from wallets.constants import SECTION_ENTRIES
from wallets.services.ledger_checks.streams import CHECKPOINT, Part


@dataclass(frozen=True, slots=True)
class Gap:
    """Where an account first goes wrong: between the last stored sum that is right and the first that is not.

    Attributes:
        sections: of the entries between both; no end when the balance is the first wrong sum.
        after: row number of the last entry that is surely right, 0 when there is none.
        until: that of the entry with the first wrong checkpoint, None when it is the balance.
        missing: stored less replayed, of these entries.
        missing_count: the same of their number.
        is_healed: the next stored sum is right again.
    """

    account_pk: int
    sections: tuple[int, int | None]
    after: int
    until: int | None
    missing: int
    missing_count: int
    is_healed: bool


def gap_of(account_pk: int, parts: Iterable[Part], balance: int, count: int) -> Gap | None:
    """Walk an account section by section; None when each stored sum is that of the entries.

    Args:
        parts: as `parts_by_account` gives them.
        balance: of its row, without what waits to be folded.
        count: the number of entries that its row claims.
    """
    total = number = section = after = 0
    wrong: tuple[int, int, int, int] | None = None
    for part in parts:
        if part.what != CHECKPOINT:
            total, number = total + part.total, number + part.number
            continue
        off = (part.total - total, part.section * SECTION_ENTRIES - number)
        if wrong is not None:
            return _gap(account_pk, section, after, wrong, is_healed=off == (0, 0))
        if off == (0, 0):
            section, after = part.section, part.last_id
        else:
            wrong = (part.section, part.last_id, *off)
    off = (balance - total, count - number)
    if wrong is not None:
        return _gap(account_pk, section, after, wrong, is_healed=off == (0, 0))
    if off != (0, 0):
        return Gap(account_pk, (section, None), after, None, *off, is_healed=False)
    return None


def _gap(
    account_pk: int, section: int, after: int, wrong: tuple[int, int, int, int], *, is_healed: bool
) -> Gap:
    end, until, missing, missing_count = wrong
    return Gap(account_pk, (section, end), after, until, missing, missing_count, is_healed)
