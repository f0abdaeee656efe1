"""Postings: each has two entries or more, and they come to zero."""

from django.db.models import Count, Max, Min, Sum

from wallets.models import Entry, Posting
from wallets.services.ledger_checks.results import CheckResult, Findings

SPAN = 20_000
"""Row numbers of postings that one statement sums."""


def check_postings() -> CheckResult:
    """Sum the entries of every posting; what is off is named with its transaction."""
    found = Findings("postings_sum_to_zero")
    ends = Posting.objects.aggregate(first=Min("pk"), last=Max("pk"))
    count = 0
    for start in range(ends["first"] or 1, (ends["last"] or 0) + 1, SPAN):
        count += _check_span(start, start + SPAN, found)
    return found.result(f"{count} postings")


def _check_span(start: int, end: int, found: Findings) -> int:
    entries = Entry.objects.filter(posting_id__gte=start, posting_id__lt=end).values("posting_id")
    sums = entries.annotate(total=Sum("amount"), count=Count("pk")).order_by("posting_id")
    postings = Posting.objects.filter(pk__gte=start, pk__lt=end)
    count = postings.count()
    for pk, total in sums.exclude(total=0).values_list("posting_id", "total"):
        found.add(f"{_name(pk)}: {total}")
    # Sums are of postings with entries; those without any are looked for only when some are missing.
    if sums.filter(count__gte=2).count() != count:
        few = postings.annotate(entry_count=Count("entries")).filter(entry_count__lt=2)
        for pk in few.order_by("pk").values_list("pk", flat=True):
            found.add(f"{_name(pk)}: fewer than two entries")
    return count


def _name(posting_pk: int) -> str:
    posting = (
        Posting.objects.filter(pk=posting_pk).values_list("transaction__public_id", "source_key").first()
    )
    if posting is None:
        return f"posting {posting_pk}, which does not exist"
    return f"transaction {posting[0]}, posting {posting[1]}"
