"""Wallets opened and frozen, escrows, rewards, pools, the faucet, seeding, and the status table."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.amounts import SUPPLY_BASE_UNITS
from ogc.db.transactions import run_in_transaction
from ogc.errors import NotFound, PermissionDenied
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory
from tests.factories.wallets import account_balance, account_balances, balance_of, ogc, rich_user
from wallets.constants import TRANSACTION_MOVES, TransactionStatus
from wallets.errors import InsufficientBalance, PoolUnknown, TransactionMoveInvalid, WalletFrozen
from wallets.models import LedgerAccount, Posting, Transaction, Wallet
from wallets.selectors.rewards import next_release_at
from wallets.services.escrows import escrow_fund, escrow_refund
from wallets.services.rewards import challenge_reward_pay, reward_release
from wallets.services.seed import seed, seed_demo
from wallets.services.transactions import transaction_move
from wallets.services.transfers import transfer_settle
from wallets.services.treasury import faucet_user, pool_fund
from wallets.services.wallets import (
    user_wallet_freeze,
    user_wallet_release,
    wallet_freeze,
    wallet_unfreeze,
)

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

CHALLENGE = "018f0000-0000-7000-8000-000000000001"
ESCROW = f"escrow:challenge:{CHALLENGE}"
NOBODY = Actor(kind="user", user_id="018f0000-0000-7000-8000-000000000009", scopes=frozenset({"self"}))


def actor_of(user: Any, *scopes: str) -> Actor:
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self", *scopes}))


def test_a_new_user_has_a_wallet_with_four_empty_accounts() -> None:
    user = UserFactory()
    accounts = LedgerAccount.objects.filter(wallet__user=user).order_by("pk")
    assert list(accounts.values_list("key", "kind", "balance")) == [
        (f"user:{user.public_id}:{kind}", kind, 0) for kind in ("available", "pending", "staked", "reserved")
    ]
    assert user.wallet.status == "active"


def test_seeding_twice_changes_nothing() -> None:
    before = account_balances()
    seed(debug=True)
    assert account_balances() == before
    assert account_balance("onchain_cold") == -SUPPLY_BASE_UNITS
    assert account_balance("rewards_pool") == account_balance("mining_pool") == ogc(1_000_000)
    assert Transaction.objects.count() == 3


@override_settings(DEBUG=True)
def test_demo_people_get_their_tokens_once() -> None:
    alice = UserFactory(email="alice@ogc.local")
    seed_demo()
    seed_demo()
    assert balance_of(alice) == ogc(1000)


def test_prize_money_is_set_aside_once_and_given_back() -> None:
    first = escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(300))
    assert escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(300)) == first
    assert (account_balance(ESCROW), account_balance("rewards_pool")) == (ogc(300), ogc(999_700))

    assert escrow_refund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(100))
    assert escrow_refund(actor=SYSTEM, challenge_id=CHALLENGE)
    assert escrow_refund(actor=SYSTEM, challenge_id=CHALLENGE) is None
    assert (account_balance(ESCROW), account_balance("rewards_pool")) == (0, ogc(1_000_000))
    assert escrow_refund(actor=SYSTEM, challenge_id="018f0000-0000-7000-8000-000000000002") is None


def test_a_challenge_can_not_promise_what_is_not_there() -> None:
    with pytest.raises(InsufficientBalance):
        escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(1_000_001))
    assert not LedgerAccount.objects.filter(key=ESCROW).exists()
    with pytest.raises(PermissionDenied):
        escrow_fund(actor=NOBODY, challenge_id=CHALLENGE, amount=1)
    with pytest.raises(PermissionDenied):
        escrow_refund(actor=NOBODY, challenge_id=CHALLENGE)


def pay(user: Any, amount: float = 10) -> str:
    return challenge_reward_pay(
        actor=SYSTEM, challenge_id=CHALLENGE, user_id=user.public_id, amount=ogc(amount), rank=1
    )


def test_a_reward_is_paid_once_and_told_once() -> None:
    user = UserFactory()
    escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(30))
    transaction_id = pay(user)
    assert pay(user) == transaction_id
    assert pay(user, 5) == transaction_id
    assert (balance_of(user), balance_of(user, "pending")) == (ogc(10), 0)
    assert account_balance(ESCROW) == ogc(20)
    postings = Posting.objects.filter(transaction__public_id=transaction_id).order_by("pk")
    assert list(postings.values_list("kind", "source_key")) == [
        ("post", f"reward:{CHALLENGE}:{user.public_id}"),
        ("release", f"release:{transaction_id}"),
    ]
    event = DomainEvent.objects.get(name="wallets.reward_paid")
    assert event.payload == {
        "transaction_id": transaction_id,
        "user_id": user.public_id,
        "challenge_id": CHALLENGE,
        "amount": ogc(10),
        "rank": 1,
    }


def test_a_held_reward_is_released_once_when_its_hold_is_over(settings: Any, drain: Any) -> None:
    settings.REWARD_HOLD_SECONDS = 60
    user = UserFactory()
    escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(30))
    pay(user)
    assert next_release_at() is not None
    clock.apply_offset(timedelta(seconds=58))
    drain()
    assert (balance_of(user), balance_of(user, "pending")) == (0, ogc(10))
    reward = Transaction.objects.get(type="reward")
    assert reward.status == "pending"

    clock.apply_offset(timedelta(seconds=60))
    drain()
    reward_release(transaction_pk=reward.pk)
    assert (balance_of(user), balance_of(user, "pending")) == (ogc(10), 0)
    reward.refresh_from_db()
    assert reward.status == "completed"
    assert Posting.objects.filter(source_key=f"release:{reward.public_id}").count() == 1
    assert next_release_at() is None


def test_a_reward_above_the_escrow_or_to_nobody_is_refused() -> None:
    user = UserFactory()
    escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(5))
    with pytest.raises(InsufficientBalance):
        pay(user, 6)
    with pytest.raises(NotFound):
        pay(UserFactory(wallet=False), 1)
    assert not Transaction.objects.filter(type="reward").exists()
    assert not DomainEvent.objects.filter(name="wallets.reward_paid").exists()


def test_pools_are_funded_by_the_system_only() -> None:
    pool_fund(actor=SYSTEM, pool="mining_pool", amount=ogc(5))
    assert account_balance("mining_pool") == ogc(1_000_005)
    with pytest.raises(PermissionDenied):
        pool_fund(actor=NOBODY, pool="mining_pool", amount=1)
    with pytest.raises(PoolUnknown):
        pool_fund(actor=SYSTEM, pool="fees", amount=1)
    with pytest.raises(InsufficientBalance):
        pool_fund(actor=SYSTEM, pool="mining_pool", amount=SUPPLY_BASE_UNITS)


def test_the_faucet_runs_with_debug_only_and_verifies() -> None:
    user = UserFactory(unverified=True)
    with pytest.raises(PermissionDenied):
        faucet_user(user_id=user.public_id, amount=1)
    with override_settings(DEBUG=True):
        faucet_user(user_id=user.public_id, amount=ogc(3))
    user.refresh_from_db()
    assert user.email_verified
    assert balance_of(user) == ogc(3)


def test_freezing_stops_what_leaves_and_unfreezing_lets_it_go() -> None:
    ann, bob, staff = rich_user(10), UserFactory(), UserFactory()
    finance = actor_of(staff, "wallet.adjust")
    wallet_freeze(actor=finance, wallet_id=ann.wallet.public_id, reason="odd moves")
    with pytest.raises(WalletFrozen):
        transfer_settle(actor=actor_of(ann), to=bob.public_id, amount=1)
    wallet_freeze(actor=finance, wallet_id=ann.wallet.public_id, reason="again")
    wallet_unfreeze(actor=finance, wallet_id=ann.wallet.public_id, reason="explained")
    transfer_settle(actor=actor_of(ann), to=bob.public_id, amount=1)

    with pytest.raises(PermissionDenied):
        wallet_freeze(actor=NOBODY, wallet_id=ann.wallet.public_id, reason="")
    with pytest.raises(NotFound):
        wallet_freeze(actor=finance, wallet_id="018f0000-0000-7000-8000-000000000009", reason="")


def test_a_suspension_freezes_the_wallet() -> None:
    user = UserFactory()
    run_in_transaction(lambda: user_wallet_freeze(user.public_id, "suspended"))
    assert Wallet.objects.get(user=user).status == "frozen"


def test_reinstating_releases_the_wallet_unless_a_person_froze_it() -> None:
    finance = actor_of(UserFactory(), "wallet.adjust")
    by_suspension, by_person = UserFactory(), UserFactory()
    for user in (by_suspension, by_person):
        user_wallet_freeze(user.public_id, "suspended")
    wallet_freeze(actor=finance, wallet_id=by_person.wallet.public_id, reason="odd moves")
    for user in (by_suspension, by_person):
        user_wallet_release(user.public_id, "reinstated")
    found = Wallet.objects.filter(user__in=(by_suspension, by_person)).order_by("user_id")
    assert list(found.values_list("status", "freeze_cause")) == [("active", ""), ("frozen", "person")]


@pytest.mark.parametrize("status", TransactionStatus.values)
@pytest.mark.parametrize("to", TransactionStatus.values)
def test_a_transaction_moves_by_its_table(status: str, to: str) -> None:
    row = Transaction.objects.create(type="withdrawal", amount=1, status=status)
    if to in TRANSACTION_MOVES[status]:
        with transaction.atomic():
            moved = transaction_move(transaction_id=row.pk, to=to)
        assert moved.status == to
        assert (moved.completed_at is not None) == (to == "completed")
    else:
        with pytest.raises(TransactionMoveInvalid) as refused, transaction.atomic():
            transaction_move(transaction_id=row.pk, to=to)
        assert refused.value.details == {"status": status, "asked": to}


def test_opening_a_wallet_takes_two_statements() -> None:
    user = UserFactory(wallet=False)
    from accounts import ports

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        run_in_transaction(lambda: ports.open_wallet(user.pk, user.public_id))
    inserts = [query for query in queries.captured_queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 2
