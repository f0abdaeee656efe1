"""POST /admin/transactions/{id}/reverse: what goes back, once, and each refusal."""

import json

import pytest

from accounts.services import actor_for
from governance.models import AuditRecord
from notifications.models import Notification
from notifications.services.seed import seed as notifications_seed
from ogc.actors import SYSTEM
from ogc.errors import NotFound, ServiceUnavailable
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, grant, reverse, written
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.models import Posting, Reward, StaffMove, Transaction, Wallet
from wallets.services import reversals
from wallets.services.checkouts import token_checkout_hold, token_checkout_settle, token_refund
from wallets.services.rewards import reward_release

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


@pytest.fixture
def finance(api):
    return api.as_user(staff("finance"))


def pay(api, giver, receiver, amount="4"):
    body = {"to": receiver.public_id, "amount": amount}
    return api.as_user(giver).post("wallet/transfer", body, key=uuid7()).json()["id"]


def test_a_transfer_goes_back(api, finance, assert_whole):
    ann, bob = rich_user(10), rich_user(1, name="Bob")
    paid = pay(api, ann, bob)
    response = reverse(finance, paid, "Stolen account")
    body = response.json()
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert (body["type"], body["status"], body["amount"], body["direction"], body["memo"]) == (
        "reversal", "completed", "4", "in", "Stolen account",
    )  # fmt: skip
    assert body["counterparty"] == {"kind": "user", "id": bob.public_id, "name": "Bob"}
    assert body["entries"] == [{"account": "available", "amount": "4", "balance_after": "10"}]
    assert (balance_of(ann), balance_of(bob)) == (ogc(10), ogc(1))
    posting = Posting.objects.get(source_key=f"reverse:{paid}")
    assert (posting.kind, posting.transaction.public_id) == ("reverse", body["id"])
    assert posting.transaction.reference == f"transaction:{paid}"
    original = api.as_user(ann).get(f"wallet/transactions/{paid}").json()
    assert (original["status"], original["completed_at"] is None) == ("reversed", False)
    move = StaffMove.objects.get()
    assert (move.kind, move.amount, move.reason) == ("reversal", ogc(4), "Stolen account")
    assert_whole()


def test_it_is_audited_with_before_and_after(api, finance):
    ann, bob = rich_user(10), rich_user(1)
    paid = pay(api, ann, bob)
    body = reverse(finance, paid, "Stolen").json()
    record = AuditRecord.objects.get(action="wallet.reverse")
    assert (record.target_type, record.target_id, record.reason) == ("transaction", paid, "Stolen")
    mine, theirs = (f"user:{user.public_id}:available" for user in (ann, bob))
    assert json.loads(record.before) == {
        "status": "completed", "balances": {mine: ogc(6), theirs: ogc(5)},
    }  # fmt: skip
    assert json.loads(record.after) == {
        "status": "reversed", "balances": {mine: ogc(10), theirs: ogc(1)}, "transaction": body["id"],
    }  # fmt: skip


def test_both_sides_hear_of_it(api, finance, drain):
    notifications_seed(debug=True)
    ann, bob = rich_user(10), rich_user(1)
    reverse(finance, pay(api, ann, bob), "Stolen")
    drain()
    told = {user: Notification.objects.get(user=user, type="wallet").message for user in (ann, bob)}
    assert told == {
        ann: "A transaction was undone: 4 OGC came back to your wallet. Stolen",
        bob: "A transaction was undone: 4 OGC left your wallet. Stolen",
    }


def test_once(api, finance, assert_whole):
    ann, bob = rich_user(10), rich_user(1)
    paid = pay(api, ann, bob)
    body = reverse(finance, paid).json()
    before = written()
    for transaction_id, code in ((paid, "ALREADY_REVERSED"), (body["id"], "TRANSACTION_NOT_REVERSIBLE")):
        response = reverse(finance, transaction_id)
        assert (response.status_code, error_code(response)) == (409, code)
    assert written() == before
    assert_whole()


def test_the_same_key_is_the_same_reversal(api, finance):
    paid, key = pay(api, rich_user(10), rich_user(1)), uuid7()
    first, again = (reverse(finance, paid, key=key) for _ in range(2))
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert StaffMove.objects.count() == 1


def test_never_below_zero(api, finance):
    ann, bob, eve = rich_user(10), rich_user(1), rich_user(0)
    paid = pay(api, ann, bob)
    pay(api, bob, eve, "1.000000001")
    before = written()
    response = reverse(finance, paid)
    assert (response.status_code, error_code(response)) == (402, "INSUFFICIENT_BALANCE")
    assert written() == before
    assert Transaction.objects.get(public_id=paid).status == "completed"


def test_confirmation_key_and_reason_are_needed(api, finance):
    paid = pay(api, rich_user(10), rich_user(1))
    path, before = f"admin/transactions/{paid}/reverse", written()
    assert error_code(finance.post(path, {"reason": "r"}, key=uuid7())) == "CONFIRMATION_REQUIRED"
    assert error_code(finance.post(path, {"reason": "r", "confirm": True})) == "IDEMPOTENCY_KEY_REQUIRED"
    assert error_code(finance.post(path, {"confirm": True}, key=uuid7())) == "VALIDATION_ERROR"
    body = {"reason": "r", "confirm": True, "amount": "1"}
    assert error_code(finance.post(path, body, key=uuid7())) == "VALIDATION_ERROR"
    assert written() == before


def test_unknown_ones(finance):
    for transaction_id in (uuid7(), "1", "x"):
        response = reverse(finance, transaction_id)
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("side", ["giver", "receiver"])
def test_nobody_undoes_what_they_are_a_party_of(api, side):
    me, ann = staff("finance"), rich_user(20)
    adjust(api.as_user(staff("finance")), me, "10")
    paid = pay(api, *((me, ann) if side == "giver" else (ann, me)))
    before = written()
    response = reverse(api.as_user(me), paid)
    assert (response.status_code, error_code(response)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    assert written() == before


@pytest.mark.parametrize("type_", ["genesis", "pool_funding", "faucet"])
def test_what_the_platform_holds_is_not_undone(finance, type_):
    rich_user(10)
    row = Transaction.objects.filter(type=type_).first()
    before = written()
    response = reverse(finance, row.public_id)
    assert (response.status_code, error_code(response)) == (409, "TRANSACTION_NOT_REVERSIBLE")
    assert response.json()["error"]["details"] == {"type": type_, "status": "completed"}
    assert written() == before


@pytest.mark.parametrize("amount", ["4", "-4"])
def test_an_adjustment_goes_back(finance, assert_whole, amount):
    ann, treasury = rich_user(10), account_balance("treasury")
    made = adjust(finance, ann, amount).json()["id"]
    body = reverse(finance, made).json()
    assert body["direction"] == ("out" if amount == "4" else "in")
    assert (balance_of(ann), account_balance("treasury")) == (ogc(10), treasury)
    assert_whole()


def test_a_released_reward_goes_back_to_its_pool(api, finance, assert_whole):
    ann, pool = rich_user(0), account_balance("rewards_pool")
    given = grant(api.as_user(staff("admin")), ann, "7").json()["id"]
    assert reverse(finance, given).status_code == 201
    assert (balance_of(ann), account_balance("rewards_pool")) == (0, pool)
    assert Reward.objects.get().status == "reversed"
    assert_whole()


def test_a_reward_that_waits_is_undone_before_it_is_released(
    api, finance, settings, later, drain, assert_whole
):
    settings.REWARD_HOLD_SECONDS = 60
    ann, pool = rich_user(0), account_balance("rewards_pool")
    given = grant(api.as_user(staff("admin")), ann, "7").json()["id"]
    assert reverse(finance, given).status_code == 201
    later(seconds=61)
    drain()
    assert (balance_of(ann, "pending"), balance_of(ann), account_balance("rewards_pool")) == (0, 0, pool)
    assert (Reward.objects.get().status, Transaction.objects.get(public_id=given).status) == (
        "reversed", "reversed",
    )  # fmt: skip
    assert_whole()


def test_a_reward_released_while_one_looks_at_it_is_left_alone(api, finance, settings, later, monkeypatch):
    settings.REWARD_HOLD_SECONDS = 60
    given = grant(api.as_user(staff("admin")), rich_user(0), "7").json()["id"]
    later(seconds=61)
    real = reversals.move_lock

    def release_first(wallets, keys):
        reward_release(transaction_pk=Transaction.objects.get(public_id=given).pk)
        return real(wallets, keys)

    monkeypatch.setattr(reversals, "move_lock", release_first)
    response = reverse(finance, given)
    assert (response.status_code, error_code(response)) == (503, ServiceUnavailable.code)
    monkeypatch.undo()
    assert Transaction.objects.get(public_id=given).status == "pending"
    assert not DomainEvent.objects.filter(name="wallets.transaction_reversed").exists()


def test_frozen_wallets_give_back_and_closed_ones_do_not(api, finance, assert_whole):
    ann, bob = rich_user(10), rich_user(1)
    first, second = pay(api, ann, bob), pay(api, ann, bob)
    Wallet.objects.filter(user=bob).update(status="frozen", freeze_cause="person")
    assert reverse(finance, first).status_code == 201
    Wallet.objects.filter(user=bob).update(status="closed", freeze_cause="")
    before = written()
    response = reverse(finance, second)
    assert (response.status_code, error_code(response)) == (409, "WALLET_CLOSED")
    assert written() == before
    assert_whole()


def paid_plan(user):
    """Of 50 OGC held, 30 were paid and 20 came back."""
    paid = token_checkout_hold(
        actor=actor_for(user),
        user_id=user.public_id,
        amount=ogc(50),
        source_key=uuid7(),
        reference="plan:pro",
    )
    token_checkout_settle(actor=SYSTEM, transaction_id=paid, amount=ogc(30))
    return paid


def refund(paid, amount):
    return token_refund(actor=SYSTEM, transaction_id=paid, amount=ogc(amount), source_key=uuid7())


def test_of_a_payment_goes_back_what_was_paid(finance, assert_whole):
    ann = rich_user(50)
    paid = paid_plan(ann)
    assert reverse(finance, paid).json()["amount"] == "30"
    assert (balance_of(ann), balance_of(ann, "reserved")) == (ogc(50), 0)
    assert StaffMove.objects.get().amount == ogc(30)
    with pytest.raises(NotFound):
        refund(paid, 1)
    assert balance_of(ann) == ogc(50)
    assert_whole()


def test_what_was_refunded_does_not_go_back_twice(finance, assert_whole):
    ann = rich_user(50)
    paid_plan(rich_user(50))
    paid = paid_plan(ann)
    given_back = refund(paid, 30)
    before = written()
    response = reverse(finance, paid)
    assert (response.status_code, error_code(response)) == (409, "TRANSACTION_NOT_REVERSIBLE")
    assert response.json()["error"]["details"] == {"type": "subscription", "status": "completed"}
    assert written() == before
    assert reverse(finance, given_back).status_code == 201
    assert balance_of(ann) == ogc(20)
    assert reverse(finance, paid).status_code == 201
    assert balance_of(ann) == ogc(50)
    assert_whole()


def test_what_is_still_held_is_not_undone(finance):
    ann = rich_user(50)
    held = token_checkout_hold(
        actor=actor_for(ann), user_id=ann.public_id, amount=ogc(50), source_key=uuid7(), reference="plan:pro"
    )
    response = reverse(finance, held)
    assert response.json()["error"]["details"] == {"type": "subscription", "status": "pending"}
    assert (balance_of(ann), balance_of(ann, "reserved")) == (0, ogc(50))
