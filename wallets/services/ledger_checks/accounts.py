"""Balances: each is its entries, stands on its side of zero, and all together mirror the chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import Sum

from ogc.amounts import format_amount
from wallets.constants import CONTRA_KINDS, SECTION_ENTRIES
from wallets.models import LedgerAccount, UnfoldedEntry
from wallets.rules import balance_is_allowed
from wallets.services.ledger_checks.results import CheckResult, Findings
from wallets.services.ledger_checks.streams import CHECKPOINT, FOLDED, Part, by_pk, parts_by_account


@dataclass(slots=True)
class _Book:
    """What the sections of one account come to, as far as they were read."""

    total: int = 0
    count: int = 0
    section: int = -1
    has_folded: bool = False
    last_id: int = 0

    def read(self, part: Part) -> str:
        """Take one part in; what is wrong with it, or nothing."""
        if part.what == CHECKPOINT:
            is_last = self.has_folded or part.last_id == self.last_id
            self.section, self.has_folded = part.section, False
            if part.total == self.total and self.count == part.section * SECTION_ENTRIES and is_last:
                return ""
            return f"at entry {part.last_id}: {part.total}, entries {self.total}"
        problem = ""
        if part.section != self.section:
            # The first section starts from nothing, all others from a checkpoint.
            problem = "" if part.section == 0 else f"no checkpoint before section {part.section}"
            self.section, self.has_folded = part.section, False
        self.total += part.total
        self.count += part.number
        self.last_id = max(self.last_id, part.last_id)
        self.has_folded |= part.what == FOLDED
        return problem


def check_accounts() -> list[CheckResult]:
    """All checks that go account by account."""
    balances, sides = Findings("balances_equal_entries"), Findings("balances_on_their_side")
    checkpoints, whole = Findings("checkpoints_equal_entries"), Findings("contra_equals_all_others")
    waiting = UnfoldedEntry.objects.values("account_id").order_by("account_id")
    unfolded = dict(waiting.annotate(total=Sum("amount")).values_list("account_id", "total"))
    contra = others = entry_count = account_count = 0
    for account, parts in _with_parts():
        book = _Book()
        for part in parts:
            if problem := book.read(part):
                checkpoints.add(f"{_key(account, part.account_id)} {problem}")
        entry_count += book.count
        if account is None:
            balances.add(f"account {part.account_id}: unknown")
            continue
        pk, key, kind, balance, count = account
        account_count += 1
        owed = balance + int(unfolded.pop(pk, 0))
        if balance != book.total:
            balances.add(f"{key}: balance {balance}, entries {book.total}")
        elif count != book.count:
            balances.add(f"{key}: counts {count} entries, has {book.count}")
        if not (balance_is_allowed(kind, balance) and balance_is_allowed(kind, owed)):
            sides.add(f"{key}: {balance}")
        contra, others = (contra + owed, others) if kind in CONTRA_KINDS else (contra, others + owed)
    for pk, total in unfolded.items():
        balances.add(f"account {pk}: unknown, {total} unfolded")
    if contra + others:
        whole.add(f"-contra {-contra}, others {others}")
    return [
        balances.result(f"{account_count} accounts, {entry_count} entries"),
        sides.result(f"{account_count} accounts"),
        whole.result(f"{format_amount(others)} OGC"),
        checkpoints.result("running balances start right"),
    ]


def _with_parts() -> Iterator[tuple[tuple[Any, ...] | None, Iterator[Part]]]:
    """Each account with its parts; None for parts of an account that does not exist."""
    groups = parts_by_account()
    group = next(groups, None)
    for account in by_pk(LedgerAccount.objects.all(), "key", "kind", "balance", "entry_count"):
        while group is not None and group[0] < account[0]:
            yield None, group[1]
            group = next(groups, None)
        if group is not None and group[0] == account[0]:
            yield account, group[1]
            group = next(groups, None)
        else:
            yield account, iter(())
    if group is not None:
        yield from ((None, parts) for _, parts in chain([group], groups))


def _key(account: tuple[Any, ...] | None, pk: int) -> str:
    return f"account {pk}" if account is None else str(account[1])
