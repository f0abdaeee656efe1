"""Which posting made an account differ: as narrow as what else is stored allows to say."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from wallets.models import Entry, FoldedEntry, Posting, ShadowBalance
from wallets.services.ledger_replay.oddities import Oddity
from wallets.services.ledger_replay.sums import Gap

SHOWN = 40
"""Candidates that are told; a section has 16, more where entries were put into it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A posting with an entry in the gap."""

    posting: str
    transaction: str
    amount: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a difference comes from.

    Attributes:
        posting: its source key, with its transaction; empty when what is known does not decide it, or when
            no posting is to blame. One that is gone leaves its transaction.
        why: what says so, for people.
        after: source key of the last posting that is surely right; empty: none is.
        until: that of the first wrong stored sum; empty: it is the balance.
        candidates: what lies between, when the posting is not decided.
    """

    posting: str = ""
    transaction: str = ""
    why: str = ""
    after: str = ""
    until: str = ""
    candidates: tuple[Candidate, ...] = ()


def verdict(account_pk: int, gap: Gap | None, missing: int, odd: Sequence[Oddity]) -> Verdict:
    """Name what made an account differ.

    Args:
        account_pk: its row number.
        gap: where its stored sums go wrong; None: they are right, but the entries are not what was counted.
        missing: its balance less what its entries come to.
        odd: the postings that contradict something.
    """
    if gap is None:
        touching = (one for one in odd if any(account == account_pk for account, _ in one.entries))
        explaining = (one for one in odd if _explains(one, missing))
        return _blamed(next(touching, None) or next(explaining, None), Verdict())
    between = Verdict(after=_source_key(gap.after), until=_source_key(gap.until))
    if gap.is_healed:
        return _because(between, "the stored sum itself was changed: what follows it is right")
    entries = _entries(gap)
    postings = {posting_pk for posting_pk, _ in entries}
    blamed = next((one for one in odd if one.posting_pk in postings), None) or next(
        (one for one in odd if _explains(one, gap.missing)), None
    )
    if blamed is not None:
        return _blamed(blamed, between)
    others = _differ_whole(postings)
    # One entry too many can only be one of just that amount.
    fitting = {pk for pk, amount in entries if gap.missing_count == -1 and amount == -gap.missing}
    for suspects, why in (
        (fitting, "one entry too many is stored, and only this one has the amount"),
        (fitting & others, "one entry too many is stored, and of this amount only here all accounts differ"),
        (others, "of all that lies between it is the only one all of whose accounts differ"),
    ):
        if len(suspects) == 1:
            name, transaction = _names(suspects)[suspects.pop()]
            return Verdict(name, transaction, why, between.after, between.until)
    if gap.until is None and ShadowBalance.objects.filter(differs=True).count() == 1:
        return _because(
            between, "the balance itself was changed: no posting is at fault, no other account differs"
        )
    names = _names(postings)
    told = [Candidate(*names[pk], amount) for pk, amount in entries if pk in names]
    return _because(between, "nothing else that is stored says which", told)


def _blamed(odd: Oddity | None, between: Verdict) -> Verdict:
    if odd is None:
        return between
    return Verdict(odd.posting, odd.transaction, odd.why, between.after, between.until)


def _because(between: Verdict, why: str, candidates: Sequence[Candidate] = ()) -> Verdict:
    return Verdict(why=why, after=between.after, until=between.until, candidates=tuple(candidates))


def _explains(odd: Oddity, missing: int) -> bool:
    """Whether the entry that is missing in an account is missing there, or went to another account there."""
    return bool(missing) and (odd.total == -missing or any(amount == missing for _, amount in odd.entries))


def _entries(gap: Gap) -> list[tuple[int, int]]:
    """Posting and amount of the entries in the gap, oldest first."""
    first, end = gap.sections
    here = Q(account_id=gap.account_pk, section__gte=first) & (Q() if end is None else Q(section__lt=end))
    plain = Entry.objects.filter(here).values_list("pk", "posting_id", "amount")
    folded = FoldedEntry.objects.filter(here).values_list("pk", "entry__posting_id", F("entry__amount"))
    rows = [*plain.order_by("pk")[:SHOWN], *folded.order_by("pk")[:SHOWN]]
    return [(posting_pk, amount) for _, posting_pk, amount in sorted(rows)[:SHOWN]]


def _differ_whole(postings: set[int]) -> set[int]:
    """Those of these postings all of whose accounts differ."""
    touched = dict.fromkeys(postings, True)
    entries = Entry.objects.filter(posting_id__in=postings).values_list("posting_id", "account_id")
    differing = ShadowBalance.objects.filter(differs=True)
    wrong = set(differing.filter(pk__in={account for _, account in entries}).values_list("pk", flat=True))
    for posting_pk, account in entries:
        touched[posting_pk] &= account in wrong
    return {pk for pk, is_whole in touched.items() if is_whole}


def _names(postings: set[int]) -> dict[int, tuple[str, str]]:
    rows = Posting.objects.filter(pk__in=postings).values_list("pk", "source_key", "transaction__public_id")
    return {pk: (source_key, transaction) for pk, source_key, transaction in rows}


def _source_key(entry_pk: int | None) -> str:
    if not entry_pk:
        return ""
    found = Posting.objects.filter(entries=entry_pk).values_list("source_key", flat=True).first()
    return found or f"none that has the entry {entry_pk}"
