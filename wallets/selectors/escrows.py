"""The prize money of challenges, as challenges ask for it."""

from collections.abc import Collection

from wallets.constants import RewardSource, RewardStatus
from wallets.models import LedgerAccount, Reward
from wallets.rules import escrow_account_key
from wallets.selectors.balances import BALANCE


def escrow_balances(challenge_ids: Collection[str]) -> dict[str, int]:
    """Base units in the escrow of each of these challenges, in one query; 0 where there is none."""
    keys = {escrow_account_key(challenge_id): challenge_id for challenge_id in challenge_ids}
    held = LedgerAccount.objects.filter(key__in=keys).annotate(held=BALANCE).values_list("key", "held")
    return dict.fromkeys(challenge_ids, 0) | {keys[key]: balance for key, balance in held}


def reversed_prizes(challenge_ids: Collection[str]) -> list[str]:
    """Public ids of the rewards of these challenges that were reversed."""
    references = [f"challenge:{challenge_id}" for challenge_id in challenge_ids]
    rewards = Reward.objects.filter(source=RewardSource.CHALLENGE, status=RewardStatus.REVERSED)
    return list(rewards.filter(transaction__reference__in=references).values_list("public_id", flat=True))
