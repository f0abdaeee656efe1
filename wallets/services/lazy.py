"""Lazy accounts: folding what waits beside their balances, and finding the wallets that should be lazy."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max

from ogc import clock
from ogc.db.transactions import transactional
from wallets.constants import FOLD_MAX, AccountKind
from wallets.locks import lock_to_fold
from wallets.models import Entry, LedgerAccount, LedgerMark, UnfoldedEntry

MARK = "lazy_credits"
MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=45)
CHUNK = 20_000


def lazy_accounts_fold() -> int:
    """Fold all that waits, at most 500 entries of one account in a transaction; returns how many.

    Idempotency: whatever others folded meanwhile is not there any more.
    """
    folded = 0
    waiting = UnfoldedEntry.objects.order_by("account_id").values_list("account_id", flat=True).distinct()
    for account_pk in list(waiting):
        while count := _fold_some(account_pk):
            folded += count
            if count < FOLD_MAX:
                break
    return folded


@transactional
def _fold_some(account_pk: int) -> int:
    return lock_to_fold(account_pk)


def popular_wallets_find() -> list[int]:
    """Make the wallets lazy that took more than LAZY_CREDITS_PER_MINUTE credits a minute since the last look.

    They stay so: turning back would race with credits that read the flag without a lock.

    Returns:
        Row numbers of the accounts that became lazy.

    Idempotency: calls soon after another one do nothing, and of two at once one goes on.
    """
    now = clock.real_now()
    top = Entry.objects.aggregate(top=Max("pk"))["top"] or 0
    mark, is_new = LedgerMark.objects.get_or_create(name=MARK, defaults={"entry_id": top, "seen_at": now})
    if is_new or now - mark.seen_at < SOON:
        return []
    mine = LedgerMark.objects.filter(name=MARK, entry_id=mark.entry_id, seen_at=mark.seen_at)
    if not mine.update(entry_id=top, seen_at=now):
        return []
    limit = settings.LAZY_CREDITS_PER_MINUTE * max(1, (now - mark.seen_at) / MINUTE)
    popular = sorted(pk for pk, count in _credits(mark.entry_id, top).items() if count > limit)
    for pk in popular:
        LedgerAccount.objects.filter(pk=pk).update(lazy=True)
    return popular


def _credits(after: int, top: int) -> Counter[int]:
    """Credits of each `available` account that is not lazy yet, among the entries after one up to another."""
    counts: Counter[int] = Counter()
    for start in range(after, top, CHUNK):
        entries = Entry.objects.filter(pk__gt=start, pk__lte=min(start + CHUNK, top), amount__gt=0)
        plain = entries.filter(account__kind=AccountKind.AVAILABLE, account__lazy=False)
        counts.update(dict(plain.values_list("account_id").annotate(count=Count("pk")).order_by()))
    return counts
