"""All balances once more from the journal alone, beside the real ones: what differs, and since when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, Sum

from ogc.db.snapshots import snapshot
from ogc.db.solo import solo
from ogc.db.transactions import run_in_transaction
from wallets.models import Entry, LedgerAccount, ShadowBalance, UnfoldedEntry
from wallets.services.ledger_checks.streams import parts_by_account
from wallets.services.ledger_replay.naming import Verdict, verdict
from wallets.services.ledger_replay.oddities import Oddity, oddities
from wallets.services.ledger_replay.sums import Gap, gap_of

CHUNK = 500
"""Accounts in one snapshot, and in one transaction of shadow rows."""

ENTRIES = 200_000
"""Entries in one snapshot, unless one account alone has more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account one of whose stored sums is not what its entries come to; base units."""

    account: str
    stored: int
    replayed: int
    stored_count: int
    replayed_count: int
    cause: Verdict


@dataclass(slots=True)
class Replay:
    """What a run found: accounts that differ, postings that contradict something, the first of each.

    The first account is the one whose stored sums go wrong at the earliest entry of the journal, a balance
    counting as the last of them.
    """

    accounts: int = 0
    entries: int = 0
    differing: int = 0
    odd: int = 0
    first: Difference | None = None
    first_odd: Oddity | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.differing and not self.odd


@dataclass(slots=True)
class _Account:
    """What is stored of an account, what waits to be folded included, and what its entries come to."""

    pk: int
    key: str
    balance: int = 0
    entry_count: int = 0
    replayed: int = 0
    replayed_count: int = 0
    last_entry: int = 0
    gap: Gap | None = None

    @property
    def differs(self) -> bool:
        """Whether its balance, its count or a checkpoint does."""
        stored = (self.balance, self.entry_count)
        return self.gap is not None or stored != (self.replayed, self.replayed_count)

    @property
    def place(self) -> tuple[bool, int, int]:
        """What the first one that differs has least of."""
        until = None if self.gap is None else self.gap.until
        return until is None, until or 0, self.pk


def replay(*, resume: bool = False, progress: Callable[[int], object] = lambda done: None) -> Replay:
    """Rebuild every balance into `ShadowBalance` and compare; safe to run at any time and again.

    An account's stored sums and entries change together, so each chunk of accounts is compared in a snapshot
    of its own; moves go on meanwhile. Chunks are committed one by one. Entries of accounts that are not there
    count as differences too. Then every posting is compared with its transaction, which finds what
    differs in no sum, and tells which of several postings is to blame.

    Args:
        resume: go on after the last account of a run that was stopped, instead of beginning anew.
        progress: called with the number of accounts that are done.

    Raises:
        AlreadyRunning: another one is at it.
    """
    with solo("replay"):
        found, first, after = _resumed() if resume else (Replay(), None, 0)
        if not resume:
            _empty()
        is_last = False
        while not is_last:
            accounts, stored_count, is_last = _chunk(after)
            _write(accounts)
            wrong = [account for account in accounts if account.differs]
            found.accounts += stored_count
            found.entries += sum(account.replayed_count for account in accounts)
            found.differing += len(wrong)
            first = _first(first, wrong)
            after = max((account.pk for account in accounts), default=after)
            progress(found.accounts)
        odd = oddities()
        found.odd, found.first_odd = len(odd), next(iter(odd), None)
        found.first = None if first is None else _difference(first, odd)
        return found


def _first(first: _Account | None, wrong: Iterable[_Account]) -> _Account | None:
    return min([*([first] if first else []), *wrong], key=lambda account: account.place, default=None)


def _difference(account: _Account, odd: list[Oddity]) -> Difference:
    return Difference(
        account.key,
        account.balance,
        account.replayed,
        account.entry_count,
        account.replayed_count,
        verdict(account.pk, account.gap, account.balance - account.replayed, odd),
    )


def _chunk(after: int, upto: int | None = None) -> tuple[list[_Account], int, bool]:
    """Some accounts after this row number, those without a row among them; how many have one, and whether
    they are the last."""
    with snapshot():
        stored, is_last = _stored(after, upto)
        end = max(stored, default=after) if upto is None and not is_last else upto
        here = Q(account_id__gt=after) & (Q() if end is None else Q(account_id__lte=end))
        accounts = {pk: _Account(pk, *row) for pk, row in stored.items()}
        rows = Entry.objects.filter(here).order_by().values_list("account_id")
        for pk, total, count, last in rows.annotate(total=Sum("amount"), count=Count("pk"), last=Max("pk")):
            account = accounts.setdefault(pk, _Account(pk, f"no account with the row number {pk}"))
            account.replayed, account.replayed_count, account.last_entry = int(total), count, last
        for pk, parts in parts_by_account(here):
            account = accounts.setdefault(pk, _Account(pk, f"no account with the row number {pk}"))
            account.gap = gap_of(pk, parts, account.balance, account.entry_count)
        waiting = UnfoldedEntry.objects.filter(here).order_by().values_list("account_id")
        for pk, total, count in waiting.annotate(total=Sum("amount"), count=Count("pk")):
            if pk in stored:
                accounts[pk].balance += int(total)
                accounts[pk].entry_count += count
    return [accounts[pk] for pk in sorted(accounts)], len(stored), is_last


def _stored(after: int, upto: int | None) -> tuple[dict[int, tuple[str, int, int]], bool]:
    rows = LedgerAccount.objects.filter(pk__gt=after).order_by("pk")
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    stored: dict[int, tuple[str, int, int]] = {}
    entries = 0
    for pk, key, balance, count in rows.values_list("pk", "key", "balance", "entry_count")[: CHUNK + 1]:
        if len(stored) == CHUNK or (stored and entries + count > ENTRIES):
            return stored, False
        stored[pk] = (key, balance, count)
        entries += count
    return stored, True


def _empty() -> None:
    while pks := list(ShadowBalance.objects.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        run_in_transaction(ShadowBalance.objects.filter(pk__in=pks).delete)


def _write(accounts: list[_Account]) -> None:
    rows = [
        ShadowBalance(
            account_id=account.pk,
            balance=account.replayed,
            entry_count=account.replayed_count,
            last_entry_id=account.last_entry,
            differs=account.differs,
        )
        for account in accounts
    ]
    run_in_transaction(lambda: ShadowBalance.objects.bulk_create(rows))


def _resumed() -> tuple[Replay, _Account | None, int]:
    """What a run that was stopped had found, the first account that differs, looked at anew, and its last."""
    accounts: Any = LedgerAccount.objects.values("pk")
    last = ShadowBalance.objects.filter(pk__in=accounts).aggregate(last=Max("pk"))["last"] or 0
    # What follows the last account is looked at again.
    run_in_transaction(ShadowBalance.objects.filter(pk__gt=last).delete)
    done = ShadowBalance.objects.aggregate(
        entries=Sum("entry_count"), accounts=Count("pk", filter=Q(pk__in=accounts))
    )
    found = Replay(done["accounts"], int(done["entries"] or 0))
    first = None
    for pk in ShadowBalance.objects.filter(differs=True).order_by("pk").values_list("pk", flat=True):
        found.differing += 1
        first = _first(first, _chunk(pk - 1, pk)[0])
    return found, first, last
