"""What waits: `reserved` is what open holds hold, `pending` is what rewards are not released yet."""

from collections import defaultdict
from typing import Any

from django.db.models import Max, QuerySet, Sum

from wallets.constants import AccountKind, HoldStatus, RewardStatus
from wallets.models import Hold, LedgerAccount, Reward, Wallet
from wallets.services.ledger_checks.results import CHUNK, CheckResult, Findings


def check_waiting() -> CheckResult:
    """Compare both accounts of every wallet with the rows that stand for what waits in them."""
    found = Findings("holds_and_rewards_match_accounts")
    last = Wallet.objects.aggregate(last=Max("pk"))["last"] or 0
    count = 0
    for start in range(1, last + 1, CHUNK):
        span = {"wallet_id__gte": start, "wallet_id__lt": start + CHUNK}
        holds = Hold.objects.filter(status=HoldStatus.OPEN, **span)
        rewards = Reward.objects.filter(status=RewardStatus.PENDING, **span)
        count += _compare(AccountKind.RESERVED, "open holds", holds, span, found)
        count += _compare(AccountKind.PENDING, "pending rewards", rewards, span, found)
    return found.result(f"{count} wallets with something that waits")


def _compare(
    kind: AccountKind, what: str, rows: "QuerySet[Any, Any]", span: dict[str, int], found: Findings
) -> int:
    balances: dict[int, int] = defaultdict(int)
    accounts = LedgerAccount.objects.filter(kind=kind, **span).exclude(balance=0)
    balances.update(accounts.values_list("wallet_id", "balance"))
    waiting: dict[int, int] = defaultdict(int)
    sums = rows.values("wallet_id").order_by("wallet_id").annotate(total=Sum("amount"))
    waiting.update((pk, int(total)) for pk, total in sums.values_list("wallet_id", "total"))
    wallets = sorted(balances.keys() | waiting.keys())
    for pk in wallets:
        if balances[pk] != waiting[pk]:
            name = Wallet.objects.values_list("public_id", flat=True).get(pk=pk)
            found.add(f"wallet {name}: {kind} {balances[pk]}, {what} {waiting[pk]}")
    return len(wallets)
