"""Money for tests: always moved by the services, never written into a table."""

from typing import Any

from django.test import override_settings

from accounts.models import User
from ogc.actors import SYSTEM, Actor
from ogc.amounts import BASE_UNITS_PER_OGC
from tests.factories.accounts import UserFactory
from wallets.constants import RewardSource
from wallets.models import LedgerAccount
from wallets.selectors.balances import BALANCE
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.rewards import reward_give
from wallets.services.treasury import faucet_user


def ogc(amount: float) -> int:
    """Base units of so many OGC, exact for what tests use."""
    return round(amount * 1000) * (BASE_UNITS_PER_OGC // 1000)


def rich_user(balance: float = 100, **fields: Any) -> User:
    """A verified user with that many OGC available (needs the fixture `money`)."""
    user: User = UserFactory(**fields)
    if balance:
        with override_settings(DEBUG=True):
            faucet_user(user_id=user.public_id, amount=ogc(balance))
        user.refresh_from_db()
    return user


def fill_account(key: str, amount: float, giver: str = "treasury") -> None:
    """Fill an account of the platform, as a payment or a deposit would."""
    draft = TransactionDraft(type="pool_funding", amount=ogc(amount))
    post(
        transaction_id=transaction_open(draft),
        kind="post",
        source_key=f"test:{draft.public_id}",
        legs=(Leg(giver, -draft.amount), Leg(key, draft.amount)),
    )


def balance_of(user: User, kind: str = "available") -> int:
    """Base units in one of a user's accounts."""
    return account_balance(f"user:{user.public_id}:{kind}")


def account_balance(key: str) -> int:
    """Base units in an account, with what waits to be folded."""
    return account_balances(key=key)[key]


def account_balances(**where: Any) -> dict[str, int]:
    """Base units in each account, by key, with what waits to be folded."""
    return dict(LedgerAccount.objects.filter(**where).annotate(held=BALANCE).values_list("key", "held"))


def grant_of(user: User, amount: float = 5, key: str = "one", actor: Actor = SYSTEM) -> str:
    """A reward out of the rewards pool; the id of its transaction."""
    return reward_give(
        actor=actor,
        user_id=user.public_id,
        amount=ogc(amount),
        source=RewardSource.GRANT,
        source_key=f"grant:{key}",
        reference="grant",
        from_account="rewards_pool",
    )


def make_lazy(*users: User) -> None:
    """Credit the `available` accounts of these users without a lock from now on."""
    LedgerAccount.objects.filter(wallet__user__in=users, kind="available").update(lazy=True)
