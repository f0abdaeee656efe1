"""The part of `reconcile` that knows challenges: no prize money lies where nobody waits for it."""

from collections import defaultdict
from typing import Any

from django.db.models import Sum

from challenges.constants import REWARDED_STATUSES, AwardStatus, ChallengeStatus
from challenges.models import Challenge, PrizeAward
from ogc.db.snapshots import snapshot
from wallets.selectors.escrows import escrow_balances, reversed_prizes
from wallets.services.ledger_checks import CheckResult
from wallets.services.ledger_checks.results import Findings

CHUNK = 500
EMPTY = (ChallengeStatus.DRAFT, ChallengeStatus.CANCELLED)


def escrows_check() -> CheckResult:
    """Compare the escrow of each challenge with what is still to be paid or given back from it.

    Until the distribution is over that is the pool without what was paid; after it the shares that are held.
    A prize that was just reversed is there too until `prize_return` moves it on.
    """
    found = Findings("escrows_hold_what_is_awaited")
    count = after = 0
    rows = Challenge.objects.order_by("pk").values_list("pk", "public_id", "status", "prize_pool")
    with snapshot():
        while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
            _check(chunk, found)
            count, after = count + len(chunk), chunk[-1][0]
    return found.result(f"{count} challenges")


def _check(rows: list[tuple[int, str, str, int]], found: Findings) -> None:
    public_ids = [row[1] for row in rows]
    balances, reversed_ids = escrow_balances(public_ids), reversed_prizes(public_ids)
    awards = PrizeAward.objects.filter(challenge_id__in=[row[0] for row in rows])
    paid = _sums(awards.filter(status=AwardStatus.PAID))
    held = _sums(awards.filter(status=AwardStatus.HELD))
    coming_back = _sums(awards.filter(status=AwardStatus.PAID, transaction_id__in=reversed_ids))
    for pk, public_id, status, pool in rows:
        rest = held[pk] if status in REWARDED_STATUSES else pool - paid[pk]
        awaited = 0 if status in EMPTY else rest + coming_back[pk]
        if balances[public_id] != awaited:
            found.add(f"challenge {public_id} ({status}): escrow {balances[public_id]}, awaited {awaited}")


def _sums(awards: Any) -> dict[int, int]:
    sums = awards.values("challenge_id").order_by("challenge_id").annotate(total=Sum("amount"))
    return defaultdict(int, {pk: int(total) for pk, total in sums.values_list("challenge_id", "total")})
