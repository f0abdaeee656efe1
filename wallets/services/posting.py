"""The one place that writes the journal, and with it every balance.

Nothing else inserts postings or entries. A balance is changed by the database when an entry is inserted, so
a posting is three statements at most: lock, posting, entries.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connection

from ogc import clock
from ogc.db.statements import InsertStatement
from ogc.errors import ValidationFailed
from ogc.ids import uuid7
from wallets.constants import POST_MANY_MAX, SOURCE_KEY_MAX_LENGTH, PostingKind, TransactionStatus
from wallets.errors import InsufficientBalance, LedgerMisuse, SourceKeyUsed
from wallets.locks import LockedAccounts, lock_for_legs, lock_for_many_legs
from wallets.models import Entry, Posting, Transaction
from wallets.rules import balance_is_allowed, legs_are_balanced

_INSERT_POSTING = InsertStatement(Posting, "transaction", "kind", "source_key", "created_at")
_INSERT_ENTRY = InsertStatement(Entry, "posting", "account", "amount", "section", "unfolded")
_INSERT_TRANSACTION = InsertStatement(
    Transaction,
    "public_id",
    "created_at",
    "type",
    "status",
    "amount",
    "sender",
    "recipient",
    "memo",
    "reference",
    "completed_at",
)


@dataclass(frozen=True, slots=True)
class Leg:
    """What a posting adds to one account, named by its key, in base units (negative: takes from it)."""

    account_key: str
    amount: int


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """A posting that `post_many` is to write."""

    kind: str
    source_key: str
    legs: Sequence[Leg]


@dataclass(frozen=True, slots=True)
class TransactionDraft:
    """A transaction to be written: what moves and between which wallets (row numbers, None: nobody's).

    `postings` count for `post_many` only. A transaction that starts completed is completed at `created_at`.
    """

    type: str
    amount: int
    sender_pk: int | None = None
    recipient_pk: int | None = None
    status: str = TransactionStatus.COMPLETED
    memo: str = ""
    reference: str = ""
    postings: Sequence[PostingDraft] = ()
    public_id: str = field(default_factory=uuid7)
    created_at: datetime = field(default_factory=clock.now)

    @property
    def completed_at(self) -> datetime | None:
        """When it was completed, if it starts so."""
        return self.created_at if self.status == TransactionStatus.COMPLETED else None


def transaction_open(draft: TransactionDraft) -> int:
    """Write the transaction of a draft, without postings.

    Returns:
        Its row number.
    """
    return _INSERT_TRANSACTION.execute([_transaction_row(draft)])


def post(
    *,
    transaction_id: int,
    kind: str,
    source_key: str,
    legs: Sequence[Leg],
    locked: LockedAccounts | None = None,
) -> int:
    """Write one posting of a transaction.

    Args:
        transaction_id: row number of the transaction.
        kind: a `PostingKind`.
        source_key: names the one cause that is booked, for example `transfer:<transaction public id>`.
        legs: two or more, none zero, together zero.
        locked: the accounts, when this database transaction holds them already; their balances follow.

    Returns:
        Row number of the posting.

    Raises:
        InsufficientBalance: an account would leave the side of zero on which it belongs.
        SourceKeyUsed: the cause is booked already. The transaction is lost: let it go up.
        ValidationFailed: the source key is too long.
        LedgerMisuse: legs that do not balance, an unknown account, or no transaction open.

    Effects:
        Locks the accounts by row number, lazy ones only for what could bring them to the wrong side of zero.
        The entries change the balances; those of accounts that are not locked wait to be folded.
    """
    if not connection.in_atomic_block:
        raise LedgerMisuse("post() runs inside the transaction of a service")
    if not legs_are_balanced([leg.amount for leg in legs]):
        raise LedgerMisuse(f"the legs of {source_key} do not balance")
    if locked is None:
        locked = lock_for_legs((leg.account_key, leg.amount) for leg in legs)
    _check_balances(legs, locked)
    posting_id = _insert_postings([(transaction_id, PostingKind(kind).value, source_key, clock.now())])
    _INSERT_ENTRY.execute([_entry_row(posting_id, leg, locked) for leg in legs])
    return posting_id


def post_many(drafts: Sequence[TransactionDraft], *, locked: LockedAccounts | None = None) -> list[str]:
    """Write up to 200 transactions with their postings, checking the net of each account once.

    Args:
        locked: the accounts, when this database transaction holds them already; their balances follow.

    Returns:
        For each draft the public id of its transaction: the one booked before where the source key of the
        draft's first posting is known.

    Raises:
        InsufficientBalance: the drafts together would overdraw an account; nothing is written.
        LedgerMisuse: too many drafts, a draft without postings, legs that do not balance, unknown accounts.

    Idempotency:
        By the source key of the first posting of each draft, under the locks.
    """
    if not connection.in_atomic_block:
        raise LedgerMisuse("post_many() runs inside the transaction of a service")
    if len(drafts) > POST_MANY_MAX:
        raise LedgerMisuse(f"post_many() takes at most {POST_MANY_MAX} transactions")
    postings = [posting for draft in drafts for posting in draft.postings]
    for posting in postings:
        if not legs_are_balanced([leg.amount for leg in posting.legs]):
            raise LedgerMisuse(f"the legs of {posting.source_key} do not balance")
    if locked is None:
        locked = lock_for_many_legs(legs_of(drafts))
    booked = _booked([draft.postings[0].source_key for draft in drafts])
    fresh = [draft for draft in drafts if draft.postings[0].source_key not in booked]
    if fresh:
        _write_many(fresh, locked)
    return [booked.get(draft.postings[0].source_key, draft.public_id) for draft in drafts]


def legs_of(drafts: Iterable[TransactionDraft]) -> Iterator[tuple[str, int]]:
    """Key and amount of everything that drafts move."""
    for draft in drafts:
        for posting in draft.postings:
            yield from ((leg.account_key, leg.amount) for leg in posting.legs)


def posting_transaction_id(source_key: str) -> str | None:
    """Public id of the transaction that booked this cause; ask under the lock of its accounts."""
    return _booked([source_key]).get(source_key)


def _check_balances(legs: Iterable[Leg], locked: LockedAccounts) -> None:
    amounts: dict[str, list[int]] = defaultdict(list)
    for leg in legs:
        amounts[leg.account_key].append(leg.amount)
    for key, given in amounts.items():
        account = locked[key]
        if not account.allows(given):
            raise LedgerMisuse(f"account {key} is not locked for what is posted")
        if account.held and not balance_is_allowed(account.kind, account.balance + sum(given)):
            raise InsufficientBalance(account=account.kind)


def _write_many(drafts: Sequence[TransactionDraft], locked: LockedAccounts) -> None:
    legs = [leg for draft in drafts for posting in draft.postings for leg in posting.legs]
    _check_balances(legs, locked)
    _INSERT_TRANSACTION.execute([_transaction_row(draft) for draft in drafts])
    transactions = dict(
        Transaction.objects.filter(public_id__in=[draft.public_id for draft in drafts]).values_list(
            "public_id", "pk"
        )
    )
    now = clock.now()
    postings = [(draft, posting) for draft in drafts for posting in draft.postings]
    _insert_postings(
        [
            (transactions[draft.public_id], PostingKind(posting.kind).value, posting.source_key, now)
            for draft, posting in postings
        ]
    )
    keys = [posting.source_key for _, posting in postings]
    posting_ids = dict(Posting.objects.filter(source_key__in=keys).values_list("source_key", "pk"))
    _INSERT_ENTRY.execute(
        [
            _entry_row(posting_ids[posting.source_key], leg, locked)
            for _, posting in postings
            for leg in posting.legs
        ]
    )


def _insert_postings(rows: Sequence[tuple[int, str, str, datetime]]) -> int:
    if any(len(source_key) > SOURCE_KEY_MAX_LENGTH for _, _, source_key, _ in rows):
        raise ValidationFailed({"source_key": [("long", "This name of a cause is too long.")]})
    try:
        return _INSERT_POSTING.execute(rows)
    except IntegrityError as error:
        if "source_key" not in str(error):
            raise
        raise SourceKeyUsed(source_key=rows[0][2]) from error


def _entry_row(posting_id: int, leg: Leg, locked: LockedAccounts) -> tuple[object, ...]:
    account = locked[leg.account_key]
    return posting_id, account.id, leg.amount, account.take(leg.amount), not account.held


def _booked(source_keys: Sequence[str]) -> dict[str, str]:
    known = Posting.objects.filter(source_key__in=source_keys)
    return dict(known.values_list("source_key", "transaction__public_id"))


def _transaction_row(draft: TransactionDraft) -> tuple[object, ...]:
    return (
        draft.public_id,
        draft.created_at,
        draft.type,
        draft.status,
        draft.amount,
        draft.sender_pk,
        draft.recipient_pk,
        draft.memo,
        draft.reference,
        draft.completed_at,
    )
