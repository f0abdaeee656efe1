"""Every lock that wallets takes on its rows.

Accounts are locked by ascending row number in one statement, so that two moves never wait for each other.
Names are resolved by scalar subqueries: the database reads those without locking what they read, and
looks the accounts up by primary key. A lazy account that a move can only raise is not locked at all; the
balance of a locked one counts what waits beside it, which its next entry folds (docs/ledger.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONArray

from ogc.db.statements import SelectStatement, Slots
from wallets.constants import CONTRA_KINDS, FREE_KINDS, SECTION_ENTRIES, AccountKind
from wallets.errors import LedgerMisuse
from wallets.folding import Waiting, unfolded_take
from wallets.limits import NOTHING_GIVEN, Outflow
from wallets.models import LedgerAccount, Transaction, Wallet
from wallets.models import Outflow as WalletOutflow
from wallets.rules import needs_no_lock

_COLUMNS = ("pk", "key", "kind", "balance", "entry_count", "lazy")
_WAITS = Case(When(lazy=True, then=Waiting("pk")), default=Value(0))
_OUTFLOW = ("hour", "hour_amount", "hour_count", "day", "day_amount", "day_count")
_OWNER = ("public_id", "name", "email", "status", "suspended_until", "email_verified_at", "terms_version")


class Sense(StrEnum):
    """What a move does to an account, as far as its lock depends on it."""

    ANY = "any"
    CREDIT = "credit"
    DEBIT = "debit"


@dataclass(slots=True)
class LockedAccount:
    """An account of a move. Its row is `held` by this database transaction, and balance and count follow what
    it posts; one that is not held is lazy, and neither is known.
    """

    id: int
    key: str
    kind: str
    balance: int
    entry_count: int
    lazy: bool
    held: bool = True

    def take(self, amount: int) -> int | None:
        """Count one entry in, as the database does when it is inserted; returns its section."""
        section = None if self.lazy else self.entry_count // SECTION_ENTRIES
        self.balance += amount
        self.entry_count += 1
        return section

    def allows(self, amounts: Iterable[int]) -> bool:
        """Whether these entries may be written with what this transaction holds."""
        return self.held or all(needs_no_lock(self.kind, amount) for amount in amounts)


class LockedAccounts:
    """The accounts of a move, by key."""

    def __init__(self, accounts: Iterable[LockedAccount]) -> None:
        self._by_key = {account.key: account for account in accounts}

    def __getitem__(self, key: str) -> LockedAccount:
        try:
            return self._by_key[key]
        except KeyError:
            raise LedgerMisuse(f"account {key} does not exist or is not locked") from None

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def balances(self) -> dict[str, int]:
        """Of the accounts that are held, by key, as they are now."""
        return {key: account.balance for key, account in self._by_key.items() if account.held}


@dataclass(frozen=True, slots=True)
class Party:
    """The `available` account of a person with the standing of its owner, read in the same statement.

    `user_suspended_until` is text of the database, None for a suspension without end. `outflow` is known of
    the giver only.
    """

    account: LockedAccount
    wallet_status: str
    wallet_pk: int
    user_id: str
    user_name: str
    user_email: str
    user_status: str
    user_suspended_until: str | None
    user_verified_at: str | None
    user_terms_version: str
    outflow: Outflow = NOTHING_GIVEN


def lock_accounts(keys: Iterable[str], *, credited: Iterable[str] = ()) -> LockedAccounts:
    """Lock the accounts with these keys; keys that name no account are left out.

    Args:
        keys: whatever may happen to them.
        credited: those that the move only credits; a lazy one is not locked, unless it is a contra account.
    """
    return _lock(dict.fromkeys(credited, Sense.CREDIT) | dict.fromkeys(keys, Sense.ANY))


def lock_for_legs(legs: Iterable[tuple[str, int]]) -> LockedAccounts:
    """Lock what these legs (key and amount) need locked, as `lock_accounts` does; in one statement, one more
    when it leaves accounts unlocked.
    """
    return _lock(_senses(legs))


def lock_for_many_legs(legs: Iterable[tuple[str, int]]) -> LockedAccounts:
    """As `lock_for_legs` for any number of keys, in two statements."""
    senses = _senses(legs)
    named = LedgerAccount.objects.filter(key__in=senses).values_list("pk", "key", "kind", "lazy")
    free = {pk: (pk, key, kind) for pk, key, kind, lazy in named if lazy and _is_free(kind, senses[key])}
    rows = (
        LedgerAccount.objects.select_for_update()
        .filter(pk__in=sorted(pk for pk, *_ in named if pk not in free))
        .order_by("pk")
        .annotate(waits=_WAITS)
        .values_list(*_COLUMNS, "waits")
    )
    return LockedAccounts([*_held(rows), *(_unheld(*row) for row in free.values())])


def lock_parties(*, sender_key: str, recipient_key: str = "", recipient_email: str = "") -> dict[str, Party]:
    """Lock the `available` accounts of both sides of a transfer, each wallet after its account, and read who
    owns them, in one statement.

    A receiver whose account is lazy is not locked. Wallets are locked shared: that keeps their status, and
    nobody who gives or receives waits for it.

    Args:
        sender_key: account key of the giver.
        recipient_key: account key of the receiver; empty when the e-mail address names it.
        recipient_email: normalised e-mail address of the receiver.

    Returns:
        The parties that exist, by account key.
    """
    if recipient_email:
        rows = _LOCK_PARTIES_BY_EMAIL.all(sender_key=sender_key, email=recipient_email)
    else:
        rows = _LOCK_PARTIES.all(sender_key=sender_key, recipient_key=recipient_key)
    accounts = _held(row[: len(_COLUMNS) + 1] for row in rows)
    parties = {
        account.key: Party(*(account, *owner, Outflow(*outflow or ())))
        for account, (*_, owner, _, outflow) in zip(accounts, rows, strict=True)
    }
    for *_, receiver, _ in rows:
        if receiver is not None:
            account = _unheld(*receiver[:3])
            parties[account.key] = Party(account, *receiver[3:])
    return parties


def lock_to_fold(account_pk: int) -> int:
    """Lock one lazy account and fold at most 500 of the entries that wait beside it; returns how many."""
    LedgerAccount.objects.select_for_update().values_list("pk").get(pk=account_pk)
    return unfolded_take(account_pk)


def lock_transaction(transaction_pk: int) -> Transaction:
    """Lock one transaction row."""
    return Transaction.objects.select_for_update().get(pk=transaction_pk)


def lock_wallet(wallet: QuerySet[Wallet]) -> Wallet | None:
    """Lock the one wallet of this queryset, after its accounts, as every move does.

    Whoever credits it without its account's lock holds the wallet shared, so none of them is under way then.
    """
    found = list(wallet.values_list("pk", "accounts"))
    if not found:
        return None
    # By their numbers: the index of wallets would give them in another order.
    accounts = LedgerAccount.objects.select_for_update().filter(pk__in=[pk for _, pk in found])
    list(accounts.order_by("pk").values_list("pk"))
    return Wallet.objects.select_for_update().get(pk=found[0][0])


def lock_statuses(wallet_pks: Iterable[int]) -> set[str]:
    """The statuses of these wallets, which stay so: locked shared, after their accounts."""
    return set(Wallet.objects.filter(pk__in=set(wallet_pks)).values_list(_status("pk"), flat=True))


def _senses(legs: Iterable[tuple[str, int]]) -> dict[str, Sense]:
    signs: dict[str, set[bool]] = defaultdict(set)
    for key, amount in legs:
        signs[key].add(amount > 0)
    both = {True, False}
    return {
        key: Sense.ANY if found == both else Sense.CREDIT if True in found else Sense.DEBIT
        for key, found in signs.items()
    }


def _is_free(kind: str, sense: Sense) -> bool:
    """Whether a lazy account of this kind stays unlocked."""
    return sense != Sense.ANY and needs_no_lock(kind, 1 if sense == Sense.CREDIT else -1)


def _lock(senses: Mapping[str, Sense]) -> LockedAccounts:
    keys = sorted(senses)
    statement = _lock_by_keys(tuple(senses[key] for key in keys))
    accounts = _held(statement.all(**{f"key{i}": key for i, key in enumerate(keys)}))
    found = {account.key for account in accounts}
    rest = [key for key in keys if key not in found and senses[key] != Sense.ANY]
    if rest:
        lazy = LedgerAccount.objects.filter(key__in=rest, lazy=True).values_list("pk", "key", "kind")
        accounts += [_unheld(*row) for row in lazy]
    return LockedAccounts(accounts)


def _held(rows: Iterable[tuple[Any, ...]]) -> list[LockedAccount]:
    """Accounts from rows of `_COLUMNS` and `_WAITS`; the balance of each counts what waits beside it."""
    accounts = []
    for *columns, waits in rows:
        account = LockedAccount(*columns)
        account.balance += int(waits or 0)
        accounts.append(account)
    return accounts


def _unheld(pk: int, key: str, kind: str) -> LockedAccount:
    return LockedAccount(pk, key, kind, balance=0, entry_count=0, lazy=True, held=False)


_LOCKED_KINDS = {
    Sense.ANY: Q(),
    Sense.CREDIT: Q(lazy=False) | Q(kind__in=CONTRA_KINDS),
    Sense.DEBIT: Q(lazy=False) | ~Q(kind__in=(*CONTRA_KINDS, *FREE_KINDS)),
}
"""Which accounts are locked for what a move does to them: `needs_no_lock` in the words of the database."""


@cache
def _lock_by_keys(senses: tuple[Sense, ...]) -> SelectStatement:
    def build(slots: Slots) -> "QuerySet[LedgerAccount, Any]":
        wanted: list[Any] = [
            Subquery(
                LedgerAccount.objects.filter(_LOCKED_KINDS[sense], key=slots.text(f"key{i}")).values("pk")
            )
            for i, sense in enumerate(senses)
        ]
        accounts = LedgerAccount.objects.select_for_update().filter(pk__in=wanted)
        return accounts.order_by("pk").annotate(waits=_WAITS).values_list(*_COLUMNS, "waits")

    return SelectStatement(build)


class _Shared(Subquery):
    """A scalar subquery that reads what is committed now, and keeps it so, but keeps out no other reader."""

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """With the words that MariaDB and MySQL have in common."""
        return super().as_sql(compiler, connection, template="(%(subquery)s LOCK IN SHARE MODE)", **extra)


def _status(wallet_pk: str) -> _Shared:
    # A plain read would show the status from before the statement waited for a freeze.
    return _Shared(Wallet.objects.filter(pk=OuterRef(wallet_pk)).values("status"))


def _parties(sender_key: str, recipient: Q) -> "QuerySet[LedgerAccount, Any]":
    by_key = LedgerAccount.objects.filter(key=sender_key).values("pk")
    others = LedgerAccount.objects.filter(recipient, kind=AccountKind.AVAILABLE)
    owner = JSONArray(_status("wallet_id"), "wallet_id", *(f"wallet__user__{name}" for name in _OWNER))
    # Accounts first, then wallets. MariaDB locks what a subquery names before the statement's own row, unless
    # it depends on that row; and it does so for a receiver whom a condition beside it leaves out.
    is_unlocked = Q(lazy=True) & ~Q(pk=OuterRef("pk"))
    unlocked = others.annotate(unlocked_wallet_id=Case(When(is_unlocked, then="wallet_id")))
    receiver = unlocked.filter(is_unlocked).values(
        receiver=JSONArray(
            "pk",
            "key",
            "kind",
            _status("unlocked_wallet_id"),
            "wallet_id",
            *(f"wallet__user__{name}" for name in _OWNER),
        )
    )
    counted = WalletOutflow.objects.select_for_update().filter(wallet_id=OuterRef("wallet_id"))
    outflow = counted.values(sums=JSONArray(*_OUTFLOW))
    own = LedgerAccount.objects.filter(pk=OuterRef("pk")).values(owner=owner)
    locked: list[Any] = [Subquery(by_key), Subquery(others.filter(lazy=False).values("pk"))]
    accounts = LedgerAccount.objects.select_for_update().filter(pk__in=locked).order_by("pk")
    annotated = accounts.annotate(
        waits=_WAITS,
        owner=Subquery(own),
        receiver=Case(When(key=sender_key, then=Subquery(receiver)), default=None),
        # Of the giver only: nobody may wait for what a receiver gives.
        outflow=Case(When(key=sender_key, then=Subquery(outflow)), default=None),
    )
    return annotated.values_list(*_COLUMNS, "waits", "owner", "receiver", "outflow")


_LOCK_PARTIES = SelectStatement(
    lambda slots: _parties(slots.text("sender_key"), Q(key=slots.text("recipient_key")))
)
_LOCK_PARTIES_BY_EMAIL = SelectStatement(
    lambda slots: _parties(slots.text("sender_key"), Q(wallet__user__email=slots.text("email")))
)
