"""Migrations that write rows for what was there before them, run over such rows."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ogc.actors import SYSTEM
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from tests.wallets.ledger_tampering import tamper
from wallets.constants import HoldPurpose, RewardSource, TransactionStatus
from wallets.models import ChainTransaction, Hold, LedgerAccount, Reward
from wallets.services.holds import hold_open, hold_settle, hold_void
from wallets.services.mining import mining_pay
from wallets.services.posting import Leg, TransactionDraft
from wallets.services.rewards import reward_give, reward_release

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.usefixtures("money"),
]

FEE = 1


@pytest.fixture
def migrated_again() -> Iterator[Callable[[], None]]:
    """Called between: the migrations of wallets after the tables of 0006, once more."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()

    def migrate() -> None:
        MigrationExecutor(connection).migrate(leaves)

    MigrationExecutor(connection).migrate([("wallets", "0007_lazy_accounts")])
    yield migrate
    migrate()


def withdrawal(user: Any, amount: float, chain_status: str) -> int:
    """Row number of the transaction of a withdrawal that holds amount and fee."""
    draft = TransactionDraft("withdrawal", ogc(amount), user.wallet.pk, status=TransactionStatus.PENDING)
    pk = hold_open(
        draft=draft, user_id=user.public_id, amount=ogc(amount + FEE), purpose=HoldPurpose.WITHDRAWAL
    )
    ChainTransaction.objects.create(
        public_id=draft.public_id,
        purpose="withdrawal",
        status=chain_status,
        transaction_id=pk,
        wallet=user.wallet,
        receiver="0x" + "1" * 40,
        amount=ogc(amount),
        fee=ogc(FEE),
    )
    return pk


def paid_out(amount: float) -> list[Leg]:
    return [Leg("subscription_revenue", ogc(amount)), Leg("fees", ogc(FEE))]


def forget(table: str) -> None:
    tamper(f"DELETE FROM {table}")


def test_withdrawals_get_their_holds(migrated_again: Callable[[], None], assert_whole: Any) -> None:
    user = rich_user(100)
    waiting, sent = withdrawal(user, 1, "queued"), withdrawal(user, 2, "queued")
    done, failed, cancelled = (withdrawal(user, amount, "queued") for amount in (3, 4, 5))
    hold_settle(transaction_pk=done, to=paid_out(3))
    hold_void(transaction_pk=failed, to_status=TransactionStatus.FAILED)
    hold_void(transaction_pk=cancelled, to_status=TransactionStatus.CANCELLED)
    columns = ("transaction_id", "public_id", "wallet_id", "purpose", "status", "amount", "settled", "voided")
    before = set(Hold.objects.values_list(*columns))
    assert {row[4] for row in before} == {"open", "settled", "voided"}
    forget("wallets_hold")
    migrated_again()
    assert set(Hold.objects.values_list(*columns)) == before
    assert_whole()
    hold_settle(transaction_pk=waiting, to=paid_out(1))
    hold_void(transaction_pk=sent, to_status=TransactionStatus.FAILED)
    assert (balance_of(user, "reserved"), balance_of(user)) == (0, ogc(100 - 3 - FEE - 1 - FEE))
    assert_whole()


def test_what_was_earned_gets_its_rewards(
    migrated_again: Callable[[], None], assert_whole: Any, settings: Any
) -> None:
    user = rich_user(0)
    for hold_seconds, source_key in ((0, "prize:1"), (60, "prize:2"), (60, "prize:3")):
        settings.REWARD_HOLD_SECONDS = hold_seconds
        reward_give(
            actor=SYSTEM,
            user_id=user.public_id,
            amount=ogc(5),
            source=RewardSource.CHALLENGE,
            source_key=source_key,
            reference="challenge:1",
            from_account="rewards_pool",
        )
    mining_pay(actor=SYSTEM, day=date(2026, 1, 1), shares={user.public_id: ogc(7)})
    columns = ("transaction_id", "public_id", "wallet_id", "source", "status", "amount")
    before = set(Reward.objects.values_list(*columns))
    assert {row[3:5] for row in before} == {
        ("challenge", "released"),
        ("challenge", "pending"),
        ("mining", "pending"),
    }
    forget("wallets_reward")
    migrated_again()
    assert set(Reward.objects.values_list(*columns)) == before
    assert_whole()


def test_rewards_of_before_are_released(
    migrated_again: Callable[[], None], assert_whole: Any, later: Callable[..., None]
) -> None:
    user = rich_user(0)
    mining_pay(actor=SYSTEM, day=date(2026, 1, 1), shares={user.public_id: ogc(7)})
    releases_at = Reward.objects.get().releases_at
    forget("wallets_reward")
    migrated_again()
    reward = Reward.objects.get()
    assert abs((reward.releases_at - releases_at).total_seconds()) < 1
    later(days=60)
    assert reward_release(transaction_pk=reward.transaction_id)
    assert (balance_of(user), balance_of(user, "pending")) == (ogc(7), 0)
    assert_whole()


def test_what_everybody_pays_into_becomes_lazy(migrated_again: Callable[[], None], assert_whole: Any) -> None:
    user = rich_user(5)
    migrated_again()
    lazy = LedgerAccount.objects.filter(lazy=True)
    assert set(LedgerAccount.objects.exclude(pk__in=lazy).values_list("wallet_id", flat=True)) >= {
        user.wallet.pk
    }
    assert not lazy.filter(wallet__isnull=False).exists()
    assert account_balance("treasury") > 0
    assert_whole()
