"""Proof that the ledger is whole: each rule of product.md that can be checked, checked by reading everything.

The journal is streamed once, in one snapshot of the database, so that moves may go on meanwhile and memory
grows with the number of accounts, not of entries. Other parts add checks of their own with `register_check`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ogc.db.snapshots import snapshot
from wallets.constants import CONTRA_KINDS
from wallets.models import Checkpoint, Entry, LedgerAccount, Posting, UnfoldedEntry
from wallets.rules import balance_is_allowed

CHUNK = 5_000
SHOWN = 5


class CheckStatus(StrEnum):
    """`unknown` (the chain can't be read) stops nothing."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `detail` is for people and names the rows that are wrong."""

    name: str
    status: CheckStatus
    detail: str = ""


Check = Callable[[], CheckResult]
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check to each `reconcile`; called in `AppConfig.ready()`. Runs outside the snapshot."""
    _checks[name] = check


def reconcile() -> list[CheckResult]:
    """Check everything, the ledger's own rules first."""
    with snapshot():
        results = _ledger_checks()
    return results + [check() for check in _checks.values()]


@dataclass(slots=True)
class _Journal:
    """What one pass over the entries found: sums by account, postings that do not come to zero."""

    sums: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    open_postings: dict[int, int] = field(default_factory=dict)
    wrong_checkpoints: list[str] = field(default_factory=list)
    entry_count: int = 0


def _ledger_checks() -> list[CheckResult]:
    journal = _read_journal()
    accounts = list(
        LedgerAccount.objects.order_by("pk").values_list("pk", "key", "kind", "balance", "entry_count")
    )
    unfolded: dict[int, int] = defaultdict(int)
    unfolded_counts: dict[int, int] = defaultdict(int)
    for account_id, amount in UnfoldedEntry.objects.values_list("account_id", "amount").iterator(CHUNK):
        unfolded[account_id] += amount
        unfolded_counts[account_id] += 1
    wrong_balances = [
        f"{key}: balance {balance + unfolded[pk]}, entries {journal.sums[pk]}"
        for pk, key, _, balance, count in accounts
        if balance + unfolded[pk] != journal.sums[pk] or count + unfolded_counts[pk] != journal.counts[pk]
    ]
    unknown = journal.sums.keys() - {pk for pk, *_ in accounts}
    wrong_sides = [
        f"{key}: {balance}" for _, key, kind, balance, _ in accounts if not balance_is_allowed(kind, balance)
    ]
    contra = sum(balance for _, _, kind, balance, _ in accounts if kind in CONTRA_KINDS)
    others = sum(balance for _, _, kind, balance, _ in accounts if kind not in CONTRA_KINDS)
    total = sum(unfolded.values())
    empty = Posting.objects.filter(entries__isnull=True).order_by("pk").values_list("source_key", flat=True)
    return [
        _result(
            "postings_sum_to_zero",
            [f"posting {pk}: {amount}" for pk, amount in journal.open_postings.items()]
            + [f"{key}: no entries" for key in empty[:SHOWN]],
            f"{journal.entry_count} entries",
        ),
        _result(
            "balances_equal_entries",
            wrong_balances + [f"account {pk}: unknown" for pk in unknown],
            f"{len(accounts)} accounts",
        ),
        _result("balances_on_their_side", wrong_sides, f"{len(accounts)} accounts"),
        _result(
            "contra_equals_all_others",
            [] if contra + others + total == 0 else [f"-contra {-contra}, others {others}, unfolded {total}"],
            f"{others} base units",
        ),
        _result("checkpoints_equal_entries", journal.wrong_checkpoints, "running balances start right"),
    ]


def _read_journal() -> _Journal:
    """One pass by row number. A posting stays open until its entries come to zero."""
    journal = _Journal()
    checkpoints = _checkpoints()
    next_checkpoint = next(checkpoints, None)
    last_pk = 0
    while rows := list(
        Entry.objects.filter(pk__gt=last_pk)
        .order_by("pk")
        .values_list("pk", "posting_id", "account_id", "amount")[:CHUNK]
    ):
        for pk, posting_id, account_id, amount in rows:
            journal.sums[account_id] += amount
            journal.counts[account_id] += 1
            rest = journal.open_postings.pop(posting_id, 0) + amount
            if rest:
                journal.open_postings[posting_id] = rest
            while next_checkpoint is not None and next_checkpoint[0] <= pk:
                entry_id, checked_id, balance = next_checkpoint
                if entry_id != pk or checked_id != account_id or balance != journal.sums[account_id]:
                    journal.wrong_checkpoints.append(f"account {checked_id} at entry {entry_id}: {balance}")
                next_checkpoint = next(checkpoints, None)
        last_pk = rows[-1][0]
        journal.entry_count += len(rows)
    return journal


def _checkpoints() -> Iterator[tuple[int, int, int]]:
    """Entry, account and sum of each checkpoint, by entry."""
    last = 0
    while rows := list(
        Checkpoint.objects.filter(entry_id__gt=last)
        .order_by("entry_id")
        .values_list("entry_id", "account_id", "balance")[:CHUNK]
    ):
        yield from rows
        last = rows[-1][0]


def _result(name: str, problems: list[str], when_ok: str) -> CheckResult:
    if not problems:
        return CheckResult(name, CheckStatus.OK, when_ok)
    more = f" and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return CheckResult(name, CheckStatus.WRONG, "; ".join(problems[:SHOWN]) + more)
