"""What staff move by hand: adjustments and rewards below the threshold, each refusal, and the audit trail."""

import json

import pytest

from accounts.services import user_suspend
from governance.models import Approval, AuditRecord
from notifications.models import Notification
from notifications.services.seed import seed as notifications_seed
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.governance import policy, rule, staff
from tests.factories.staff_money import adjust, grant, wallet_of, written
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.models import Reward, StaffMove, Transaction, Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def test_an_adjustment_gives_from_the_treasury(api, assert_whole):
    finance, ann, treasury = staff("finance"), rich_user(10), account_balance("treasury")
    response = adjust(api.as_user(finance), ann, "2.5", "Lost in the move")
    body = response.json()
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert (body["type"], body["status"], body["amount"]) == ("admin_adjust", "completed", "2.5")
    assert (body["direction"], body["memo"]) == ("in", "Lost in the move")
    assert body["entries"] == [{"account": "available", "amount": "2.5", "balance_after": "12.5"}]
    assert (balance_of(ann), account_balance("treasury")) == (ogc(12.5), treasury - ogc(2.5))
    assert api.as_user(ann).get(f"wallet/transactions/{body['id']}").json() == body
    move = StaffMove.objects.get()
    assert (move.kind, move.actor, move.amount, move.reason, move.approval_id) == (
        "adjustment", finance, ogc(2.5), "Lost in the move", "",
    )  # fmt: skip
    assert not Approval.objects.exists()
    assert_whole()


def test_a_minus_takes_back_to_the_treasury(api, assert_whole):
    ann, treasury = rich_user(10), account_balance("treasury")
    body = adjust(api.as_user(staff("finance")), ann, "-4").json()
    assert (body["amount"], body["direction"]) == ("4", "out")
    assert (balance_of(ann), account_balance("treasury")) == (ogc(6), treasury + ogc(4))
    assert StaffMove.objects.get().amount == ogc(4)
    assert_whole()


def test_an_adjustment_is_audited_with_before_and_after(api):
    finance, ann, treasury = staff("finance"), rich_user(10), account_balance("treasury")
    body = adjust(api.as_user(finance), ann, "-4", "Paid twice").json()
    record = AuditRecord.objects.get(action="wallet.adjust")
    assert (record.actor_id, record.target_type, record.target_id) == (
        finance.public_id, "wallet", wallet_of(ann).public_id,
    )  # fmt: skip
    assert (record.reason, record.severity) == ("Paid twice", "critical")
    available = f"user:{ann.public_id}:available"
    assert json.loads(record.before) == {"balances": {available: ogc(10), "treasury": treasury}}
    assert json.loads(record.after) == {
        "balances": {available: ogc(6), "treasury": treasury + ogc(4)},
        "amount": -ogc(4),
        "transaction": body["id"],
    }


def test_the_user_hears_of_it_with_the_reason(api, drain):
    notifications_seed(debug=True)
    ann = rich_user(10)
    body = adjust(api.as_user(staff("finance")), ann, "-4", "Paid twice").json()
    event = DomainEvent.objects.get(name="wallets.adjusted")
    assert event.payload == {
        "transaction_id": body["id"], "user_id": ann.public_id, "amount": -ogc(4), "reason": "Paid twice",
    }  # fmt: skip
    drain()
    [told] = Notification.objects.filter(user=ann, type="wallet")
    assert told.message == "Staff took 4 OGC from your wallet: Paid twice"
    adjust(api.as_user(staff("finance")), ann, "1", "Half of it was right")
    drain()
    told = Notification.objects.filter(user=ann, type="wallet").latest("pk")
    assert told.message == "Staff added 1 OGC to your wallet: Half of it was right"


def test_frozen_and_suspended_are_put_right_all_the_same(api, drain, assert_whole):
    client, ann = api.as_user(staff("finance")), rich_user(10)
    user_suspend(actor=SYSTEM, user_id=ann.public_id, reason="fraud")
    drain()
    assert wallet_of(ann).status == "frozen"
    assert adjust(client, ann, "-4").status_code == 201
    assert adjust(client, ann, "1").status_code == 201
    assert balance_of(ann) == ogc(7)
    assert_whole()


@pytest.mark.parametrize(
    "amount", ["0", "-0", "1e3", "NaN", 5, None, "", "1.0000000001", "--5", "+5", "500000001", "-500000001"]
)
@pytest.mark.parametrize("call", [adjust, grant])
def test_bad_amounts(api, call, amount):
    client, ann = api.as_user(staff("super_admin")), rich_user(10)
    before = written()
    response = call(client, ann, amount)
    assert (response.status_code, error_code(response)) == (400, "INVALID_AMOUNT")
    assert written() == before


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "  ",
        None,
        5,
        "x" * 501,
        "two\nlines",
        "\u202eabc",
        "\u200b",
        "a\u00adb",
        "\u200d\u200c",
        "\ufe0f\ufe0f",
    ],
)
@pytest.mark.parametrize("call", [adjust, grant])
def test_a_reason_is_needed(api, call, reason):
    client, ann = api.as_user(staff("super_admin")), rich_user(10)
    before = written()
    response = call(client, ann, "1", reason)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert set(response.json()["error"]["details"]) == {"reason"}
    assert written() == before


def test_a_long_reason_is_kept_whole_and_shown_shortened(api):
    body = adjust(api.as_user(staff("finance")), rich_user(0), "1", "x" * 500).json()
    assert body["memo"] == "x" * 139 + "…"
    assert StaffMove.objects.get().reason == "x" * 500


@pytest.mark.parametrize("call", [adjust, grant])
def test_nobody_gives_to_themselves(api, call):
    me = staff("super_admin")
    before = written()
    for amount in ("1", "1000"):
        response = call(api.as_user(me), me, amount)
        assert (response.status_code, error_code(response)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    assert written() == before


@pytest.mark.parametrize("amount", ["-10.000000001", "-400"])
def test_more_than_there_is_is_not_taken(api, amount):
    client, ann = api.as_user(staff("finance")), rich_user(10)
    before = written()
    response = adjust(client, ann, amount)
    assert (response.status_code, error_code(response)) == (402, "INSUFFICIENT_BALANCE")
    assert response.json()["error"]["details"] == {"account": "available"}
    assert written() == before


def test_the_pools_are_not_overdrawn(api):
    ann, pool = rich_user(0), account_balance("rewards_pool")
    client = api.as_user(staff("super_admin"))
    before = written()
    assert pool < ogc(500_000_000)
    response = grant(client, ann, "500000000")
    assert (error_code(response), response.json()["error"]["details"]["account"]) == (
        "INSUFFICIENT_BALANCE", "rewards_pool",
    )  # fmt: skip
    assert error_code(adjust(client, ann, "500000000")) == "INSUFFICIENT_BALANCE"
    assert written() == before


@pytest.mark.parametrize("call", [adjust, grant])
def test_a_closed_wallet_takes_nothing(api, call):
    client, ann = api.as_user(staff("super_admin")), rich_user(0)
    Wallet.objects.filter(user=ann).update(status="closed")
    before = written()
    response = call(client, ann, "1")
    assert (response.status_code, error_code(response)) == (409, "WALLET_CLOSED")
    assert written() == before


def test_unknown_wallets_and_users(api):
    client = api.as_user(staff("super_admin"))
    before = written()
    for path in ("adjust", "freeze", "unfreeze"):
        for wallet_id in (uuid7(), "1", "x"):
            body = {"reason": "r"} | ({"amount": "1"} if path == "adjust" else {})
            response = client.post(f"admin/wallets/{wallet_id}/{path}", body, key=uuid7())
            assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")
    body = {"user_id": uuid7(), "amount": "1", "reason": "r"}
    assert error_code(client.post("admin/rewards", body, key=uuid7())) == "NOT_FOUND"
    body["user_id"] = "1"
    assert error_code(client.post("admin/rewards", body, key=uuid7())) == "VALIDATION_ERROR"
    assert written() == before


@pytest.mark.parametrize("call", [adjust, grant])
def test_a_key_is_needed_and_moves_once(api, call):
    client, ann = api.as_user(staff("super_admin")), rich_user(0)
    assert error_code(call(client, ann, "1", key=None)) == "IDEMPOTENCY_KEY_REQUIRED"
    key = uuid7()
    first, again = (call(client, ann, "1", key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again["Idempotent-Replayed"] == "true"
    assert (balance_of(ann), StaffMove.objects.count()) == (ogc(1), 1)
    assert error_code(call(client, ann, "2", key=key)) == "IDEMPOTENCY_KEY_REUSED"


def test_unknown_fields_are_refused(api):
    path = f"admin/wallets/{wallet_of(rich_user(0)).public_id}/adjust"
    body = {"amount": "1", "reason": "r", "key": "k"}
    response = api.as_user(staff("finance")).post(path, body, key=uuid7())
    assert set(response.json()["error"]["details"]) == {"key"}


def test_a_policy_stops_it(api):
    ann = rich_user(10)
    policy("action", rule("deny", "wallet.adjust"))
    response = adjust(api.as_user(staff("finance")), ann)
    assert (response.status_code, error_code(response)) == (403, "PERMISSION_DENIED")
    assert not StaffMove.objects.exists()


def test_a_reward_by_hand_comes_from_the_pool(api, assert_whole):
    admin, ann, pool = staff("admin"), rich_user(0), account_balance("rewards_pool")
    body = grant(api.as_user(admin), ann, "7.5", "Found a bug").json()
    assert (body["type"], body["status"], body["amount"], body["memo"]) == (
        "reward", "completed", "7.5", "Found a bug",
    )  # fmt: skip
    assert body["counterparty"]["kind"] == "platform"
    assert (balance_of(ann), account_balance("rewards_pool")) == (ogc(7.5), pool - ogc(7.5))
    reward = Reward.objects.get()
    assert (reward.source, reward.status, reward.amount) == ("grant", "released", ogc(7.5))
    move = StaffMove.objects.get()
    assert (move.kind, move.actor, move.transaction.public_id) == ("reward", admin, body["id"])
    record = AuditRecord.objects.get(action="reward.grant")
    assert (record.actor_id, record.target_id) == (admin.public_id, ann.public_id)
    pending, available = (f"user:{ann.public_id}:{kind}" for kind in ("pending", "available"))
    assert json.loads(record.before) == {"balances": {"rewards_pool": pool, pending: 0, available: 0}}
    assert json.loads(record.after) == {
        "balances": {"rewards_pool": pool - ogc(7.5), pending: 0, available: ogc(7.5)},
        "amount": ogc(7.5),
        "transaction": body["id"],
    }
    assert_whole()


def test_a_reward_by_hand_waits_as_every_reward(api, settings, later, drain, assert_whole):
    settings.REWARD_HOLD_SECONDS = 3600
    ann = rich_user(0)
    body = grant(api.as_user(staff("admin")), ann, "7.5").json()
    assert (body["status"], balance_of(ann, "pending"), balance_of(ann)) == ("pending", ogc(7.5), 0)
    later(seconds=3601)
    drain()
    assert (balance_of(ann, "pending"), balance_of(ann)) == (0, ogc(7.5))
    assert Transaction.objects.get(public_id=body["id"]).status == "completed"
    assert_whole()
