"""Rewards that wait, risk holds, and mining paid once a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import AuditRecord
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.errors import NotFound, PermissionDenied
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory, admin_client
from tests.factories.governance import staff
from tests.factories.wallets import account_balance, balance_of, grant_of, ogc
from wallets.errors import InsufficientBalance
from wallets.models import Reward, Transaction
from wallets.selectors.rewards import next_release_at
from wallets.services.mining import mining_pay
from wallets.services.rewards import reward_release
from wallets.services.risk_holds import wallet_risk_hold, wallet_risk_release

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

DAY = date(2026, 5, 4)
NOBODY = Actor(kind="user", user_id="018f0000-0000-7000-8000-000000000009", scopes=frozenset({"self"}))


def hold_risk(user: Any) -> None:
    wallet_risk_hold(actor=SYSTEM, wallet_id=user.wallet.public_id, reason="many accounts")


def end_risk(user: Any) -> None:
    wallet_risk_release(actor=SYSTEM, wallet_id=user.wallet.public_id, reason="explained")


def test_a_grant_is_given_once_and_told(assert_whole: Any) -> None:
    user, pool = UserFactory(), account_balance("rewards_pool")
    transaction_id = grant_of(user)
    assert grant_of(user, 7) == transaction_id
    assert (balance_of(user), balance_of(user, "pending")) == (ogc(5), 0)
    assert account_balance("rewards_pool") == pool - ogc(5)
    reward = Reward.objects.get()
    assert (reward.public_id, reward.source, reward.status) == (transaction_id, "grant", "released")
    assert DomainEvent.objects.get(name="wallets.reward_granted").payload == {
        "transaction_id": transaction_id,
        "user_id": user.public_id,
        "amount": ogc(5),
        "source": "grant",
    }
    assert_whole()


def test_a_grant_that_may_not_be_given_leaves_nothing() -> None:
    user = UserFactory()
    with pytest.raises(PermissionDenied):
        grant_of(user, actor=NOBODY)
    with pytest.raises(NotFound):
        grant_of(UserFactory(wallet=False))
    with pytest.raises(InsufficientBalance):
        grant_of(user, 2_000_000)
    assert not Reward.objects.exists()
    assert not Transaction.objects.filter(type="reward").exists()


def test_a_change_of_the_setting_leaves_what_was_promised(settings: Any) -> None:
    settings.REWARD_HOLD_SECONDS = 60
    grant_of(UserFactory())
    promised = next_release_at()
    settings.REWARD_HOLD_SECONDS = 6000
    assert next_release_at() == promised == Reward.objects.get().releases_at


def test_rewards_of_a_flagged_wallet_wait_until_the_hold_ends(drain: Any, assert_whole: Any) -> None:
    user, other = UserFactory(), UserFactory()
    hold_risk(user)
    grant_of(user)
    grant_of(other, key="two")
    drain()
    assert (balance_of(user), balance_of(user, "pending")) == (0, ogc(5))
    assert balance_of(other) == ogc(5)
    transaction = Transaction.objects.get(recipient=user.wallet)
    assert not reward_release(transaction_pk=transaction.pk)
    assert next_release_at() is None

    end_risk(user)
    drain()
    assert (balance_of(user), balance_of(user, "pending")) == (ogc(5), 0)
    assert not reward_release(transaction_pk=transaction.pk)
    assert DomainEvent.objects.filter(name="wallets.reward_released").count() == 1
    assert_whole()


def test_a_risk_hold_is_audited_each_time_and_needs_the_scope() -> None:
    user = UserFactory()
    for change in (wallet_risk_hold, wallet_risk_release):
        with pytest.raises(PermissionDenied):
            change(actor=NOBODY, wallet_id=user.wallet.public_id, reason="no")
        with pytest.raises(NotFound):
            change(actor=SYSTEM, wallet_id=NOBODY.user_id or "", reason="who")
    end_risk(user)
    hold_risk(user)
    hold_risk(user)
    user.wallet.refresh_from_db()
    assert (user.wallet.risk_held_at is not None, user.wallet.risk_reason) == (True, "many accounts")
    end_risk(user)
    user.wallet.refresh_from_db()
    assert (user.wallet.risk_held_at, user.wallet.risk_reason) == (None, "")
    records = AuditRecord.objects.filter(action__startswith="wallet.risk").order_by("pk")
    on, off = '{"risk_held":true}', '{"risk_held":false}'
    assert list(records.values_list("action", "before", "after")) == [
        ("wallet.risk_release", off, off),
        ("wallet.risk_hold", off, on),
        ("wallet.risk_hold", on, on),
        ("wallet.risk_release", on, off),
    ]


def test_finance_holds_rewards_in_the_admin_site_and_others_do_not() -> None:
    user = UserFactory()
    page = reverse("admin:wallets_wallet_changelist")
    post = {"action": "hold_rewards", "_selected_action": [user.wallet.pk], "reason": "many accounts"}
    admin_client(staff("moderator")).post(page, post)
    user.wallet.refresh_from_db()
    assert user.wallet.risk_held_at is None

    client = admin_client(staff("finance"))
    client.post(page, post | {"reason": ""})
    user.wallet.refresh_from_db()
    assert user.wallet.risk_held_at is None
    client.post(page, post)
    user.wallet.refresh_from_db()
    assert user.wallet.risk_reason == "many accounts"
    assert client.get(page, {"risk_held_at__isempty": "0"}).status_code == 200
    client.post(page, post | {"action": "release_rewards"})
    user.wallet.refresh_from_db()
    assert user.wallet.risk_held_at is None


def test_a_day_is_mined_once(drain: Any, assert_whole: Any) -> None:
    ann, bob, eve = (UserFactory() for _ in range(3))
    shares = {ann.public_id: ogc(1), bob.public_id: ogc(2)}
    paid = mining_pay(actor=SYSTEM, day=DAY, shares=shares)
    again = mining_pay(actor=SYSTEM, day=DAY, shares={**shares, ann.public_id: ogc(9), eve.public_id: ogc(3)})
    assert list(paid) == [ann.public_id, bob.public_id]
    assert {user_id: again[user_id] for user_id in paid} == paid
    assert [balance_of(user, "pending") for user in (ann, bob, eve)] == [ogc(1), ogc(2), ogc(3)]
    assert account_balance("mining_pool") == ogc(1_000_000 - 6)
    events = DomainEvent.objects.filter(name="wallets.mining_paid").order_by("pk")
    assert [event.payload["user_ids"] for event in events] == [
        [ann.public_id, bob.public_id],
        [eve.public_id],
    ]

    clock.apply_offset(timedelta(days=7, seconds=-5))
    drain()
    assert balance_of(ann) == 0
    clock.apply_offset(timedelta(days=7, seconds=5))
    drain()
    assert [balance_of(user) for user in (ann, bob, eve)] == [ogc(1), ogc(2), ogc(3)]
    assert_whole()


def test_mining_that_can_not_be_paid_pays_nobody() -> None:
    user = UserFactory()
    with pytest.raises(PermissionDenied):
        mining_pay(actor=NOBODY, day=DAY, shares={user.public_id: 1})
    with pytest.raises(NotFound):
        mining_pay(actor=SYSTEM, day=DAY, shares={user.public_id: 1, NOBODY.user_id or "": 1})
    with pytest.raises(InsufficientBalance):
        mining_pay(actor=SYSTEM, day=DAY, shares={user.public_id: ogc(1_000_001)})
    assert mining_pay(actor=SYSTEM, day=DAY, shares={}) == {}
    assert not Transaction.objects.filter(type="mining").exists()


def test_mining_costs_a_fixed_number_of_statements() -> None:
    def cost(count: int, day: date) -> int:
        shares = {UserFactory().public_id: 1 for _ in range(count)}
        with CaptureQueriesContext(connection) as queries:
            mining_pay(actor=SYSTEM, day=day, shares=shares)
        return len([query for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]])

    cost(1, DAY)
    assert cost(2, DAY + timedelta(days=1)) == cost(20, DAY + timedelta(days=2)) == 13
