"""Postings that contradict themselves, their transactions or their places: evidence beside stored sums."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from wallets.constants import PostingKind, TransactionStatus
from wallets.models import Entry, Posting, Transaction

SPAN = 20_000
"""Row numbers that one statement looks at."""

KEPT = 100
"""Oddities that are looked for: the first of them, in the order of the journal."""

# All from the postings outwards: outer joins and scalar subqueries keep MariaDB from starting elsewhere.
_NOBODY = Value(0)
_MEANT = Case(
    When(kind=PostingKind.HOLD, then="transaction__hold__amount"),
    When(kind=PostingKind.SETTLE, then="transaction__hold__settled"),
    When(kind=PostingKind.VOID, then="transaction__hold__voided"),
    default="transaction__amount",
)
_STRANGER = (
    Q(entries__account__wallet_id__isnull=False)
    & ~Q(entries__account__wallet_id=Coalesce("transaction__sender_id", _NOBODY))
    & ~Q(entries__account__wallet_id=Coalesce("transaction__recipient_id", _NOBODY))
)
_EARLIER = Posting.objects.filter(
    transaction_id=OuterRef("transaction_id"), kind=OuterRef("kind"), pk__lt=OuterRef("pk")
)


@dataclass(frozen=True, slots=True)
class Oddity:
    """A posting that can't be right, and why; without one, a transaction that lost its posting.

    `entries` are account and amount of each; those that are lost are of account 0.
    """

    posting_pk: int
    posting: str
    transaction: str
    why: str
    entries: tuple[tuple[int, int], ...]

    @property
    def total(self) -> int:
        """What the entries come to; 0 if they were whole."""
        return sum(amount for _, amount in self.entries)


def oddities() -> list[Oddity]:
    """The first ones in the order of the journal; transactions without a posting after all postings."""
    return list(islice(_oddities(), KEPT))


def _oddities() -> Iterator[Oddity]:
    for span in _spans(Posting):
        why = _reasons(span)
        for pk in sorted(why):
            yield _oddity(pk, why[pk])
    for span in _spans(Transaction):
        done = Transaction.objects.filter(
            span, status__in=(TransactionStatus.COMPLETED, TransactionStatus.REVERSED), postings=None
        )
        for name, status, amount in done.order_by("pk").values_list("public_id", "status", "amount"):
            yield Oddity(0, "", name, f"it is {status}, but has no posting", ((0, amount), (0, -amount)))


def _spans(model: type[Posting] | type[Transaction]) -> Iterator[Q]:
    ends = model.objects.aggregate(first=Min("pk"), last=Max("pk"))
    for start in range(ends["first"] or 1, (ends["last"] or 0) + 1, SPAN):
        yield Q(pk__gte=start, pk__lt=start + SPAN)


def _reasons(span: Q) -> dict[int, str]:
    postings = Posting.objects.filter(span)
    why: dict[int, str] = {}
    for pk, total, number, moved, meant, strangers in _misfits(postings):
        if number < 2:
            why[pk] = "it has fewer than two entries"
        elif total:
            why[pk] = f"its entries come to {total} instead of 0"
        elif strangers:
            why[pk] = "it moves a wallet that is no party of its transaction"
        else:
            why[pk] = f"it moves {moved}, its transaction says {meant}"
    twice = postings.annotate(earlier=Subquery(_EARLIER.values("pk")[:1])).filter(earlier__isnull=False)
    for pk in twice.values_list("pk", flat=True):
        why.setdefault(pk, "its transaction has another one of its kind")
    for pk in _misplaced(postings):
        why.setdefault(pk, "an entry is folded with another amount or account, or was never counted")
    return why


def _misfits(postings: "QuerySet[Posting]") -> "QuerySet[Any, Any]":
    told = postings.order_by("pk").annotate(
        total=Sum("entries__amount"),
        number=Count("entries"),
        moved=Sum("entries__amount", filter=Q(entries__amount__gt=0)),
        meant=Max(_MEANT),
        strangers=Count("entries", filter=_STRANGER),
    )
    wrong = ~Q(total=0) | Q(number__lt=2) | ~Q(moved=F("meant")) | Q(strangers__gt=0)
    return told.filter(wrong).values_list("pk", "total", "number", "moved", "meant", "strangers")


def _misplaced(postings: "QuerySet[Posting]") -> "QuerySet[Any, Any]":
    """Postings with an entry without section whose place is missing or not its own."""
    ends = postings.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or 0
    entries = Entry.objects.filter(posting_id__gte=first, posting_id__lte=last, section=None)
    placed = entries.annotate(
        place=Coalesce("folded_entry__amount", "unfolded_entry__amount"),
        place_account=Coalesce("folded_entry__account_id", "unfolded_entry__account_id"),
    )
    wrong = Q(place=None) | ~Q(place=F("amount")) | ~Q(place_account=F("account_id"))
    return placed.filter(wrong).values_list("posting_id", flat=True)


def _oddity(pk: int, why: str) -> Oddity:
    names = Posting.objects.values_list("source_key", "transaction__public_id").get(pk=pk)
    entries = Entry.objects.filter(posting_id=pk).order_by("pk").values_list("account_id", "amount")
    return Oddity(pk, *names, why, tuple(entries))
