"""Every lock that wallets takes on its rows.

Accounts are locked by ascending row number in one statement, so that two moves never wait for each other.
Names are resolved by scalar subqueries: the database reads those without locking what they read, and
looks the accounts up by primary key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONArray

from ogc.db.statements import SelectStatement, Slots
from wallets.constants import SECTION_ENTRIES, AccountKind
from wallets.errors import LedgerMisuse
from wallets.models import LedgerAccount, Transaction, Wallet

_COLUMNS = ("pk", "key", "kind", "balance", "entry_count", "lazy")


@dataclass(slots=True)
class LockedAccount:
    """An account whose row this database transaction holds; balance and count follow what it posts."""

    id: int
    key: str
    kind: str
    balance: int
    entry_count: int
    lazy: bool

    def take(self, amount: int) -> int | None:
        """Count one entry in, as the database does when it is inserted; returns its section."""
        section = None if self.lazy else self.entry_count // SECTION_ENTRIES
        self.balance += amount
        self.entry_count += 1
        return section


class LockedAccounts:
    """The accounts that this database transaction holds, by key."""

    def __init__(self, accounts: Iterable[LockedAccount]) -> None:
        self._by_key = {account.key: account for account in accounts}

    def __getitem__(self, key: str) -> LockedAccount:
        try:
            return self._by_key[key]
        except KeyError:
            raise LedgerMisuse(f"account {key} does not exist or is not locked") from None

    def __contains__(self, key: str) -> bool:
        return key in self._by_key


@dataclass(frozen=True, slots=True)
class Party:
    """An `available` account under lock with the standing of its owner, read in the same statement.

    `user_suspended_until` is text of the database, None for a suspension without end.
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


def lock_accounts(keys: Iterable[str]) -> LockedAccounts:
    """Lock the accounts with these keys; keys that name no account are left out."""
    distinct = sorted(set(keys))
    rows = _lock_by_keys(len(distinct)).all(**{f"key{i}": key for i, key in enumerate(distinct)})
    return LockedAccounts(LockedAccount(*row) for row in rows)


def lock_many_accounts(keys: Iterable[str]) -> LockedAccounts:
    """As `lock_accounts` for any number of keys, in two statements."""
    ids = LedgerAccount.objects.filter(key__in=set(keys)).values_list("pk", flat=True)
    rows = (
        LedgerAccount.objects.select_for_update()
        .filter(pk__in=sorted(ids))
        .order_by("pk")
        .values_list(*_COLUMNS)
    )
    return LockedAccounts(LockedAccount(*row) for row in rows)


def lock_parties(*, sender_key: str, recipient_key: str = "", recipient_email: str = "") -> dict[str, Party]:
    """Lock the `available` accounts of both sides of a transfer, each wallet after its account, and read who
    owns them: one statement.

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
    return {row[1]: Party(LockedAccount(*row[:-2]), row[-2], *row[-1]) for row in rows}


def lock_transaction(transaction_pk: int) -> Transaction:
    """Lock one transaction row."""
    return Transaction.objects.select_for_update().get(pk=transaction_pk)


def lock_wallet(wallet: QuerySet[Wallet]) -> Wallet | None:
    """Lock the one wallet of this queryset, after its accounts, as every move does."""
    found = wallet.values_list("pk", flat=True).first()
    if found is None:
        return None
    accounts = LedgerAccount.objects.select_for_update().filter(wallet_id=found).order_by("pk")
    list(accounts.values_list("pk"))
    return Wallet.objects.select_for_update().get(pk=found)


def _pk_by_key(key: str) -> Subquery:
    return Subquery(LedgerAccount.objects.filter(key=key).values("pk"))


def _pk_by_email(email: str) -> Subquery:
    accounts = LedgerAccount.objects.filter(wallet__user__email=email, kind=AccountKind.AVAILABLE)
    return Subquery(accounts.values("pk"))


@cache
def _lock_by_keys(count: int) -> SelectStatement:
    def build(slots: Slots) -> "QuerySet[LedgerAccount, Any]":
        wanted: list[Any] = [_pk_by_key(slots.text(f"key{i}")) for i in range(count)]
        accounts = LedgerAccount.objects.select_for_update().filter(pk__in=wanted)
        return accounts.order_by("pk").values_list(*_COLUMNS)

    return SelectStatement(build)


def _parties(sender: Subquery, recipient: Subquery) -> "QuerySet[LedgerAccount, Any]":
    # A plain read would show the status from before the statement waited for a freeze.
    status = Wallet.objects.select_for_update().filter(pk=OuterRef("wallet_id")).values("status")
    owner = Wallet.objects.filter(pk=OuterRef("wallet_id")).values(
        owner=JSONArray(
            "pk",
            "user__public_id",
            "user__name",
            "user__email",
            "user__status",
            "user__suspended_until",
            "user__email_verified_at",
            "user__terms_version",
        )
    )
    accounts = LedgerAccount.objects.select_for_update().filter(pk__in=[sender, recipient]).order_by("pk")
    annotated = accounts.annotate(wallet_status=Subquery(status), owner=Subquery(owner))
    return annotated.values_list(*_COLUMNS, "wallet_status", "owner")


_LOCK_PARTIES = SelectStatement(
    lambda slots: _parties(_pk_by_key(slots.text("sender_key")), _pk_by_key(slots.text("recipient_key")))
)
_LOCK_PARTIES_BY_EMAIL = SelectStatement(
    lambda slots: _parties(_pk_by_key(slots.text("sender_key")), _pk_by_email(slots.text("email")))
)
