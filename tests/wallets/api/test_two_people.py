"""From the threshold on two people: how it is counted, and that what is approved is checked again."""

import json
from datetime import timedelta

import pytest

from accounts.services import user_suspend
from governance.models import Approval, AuditRecord
from governance.services import role_remove
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.governance import policy, rule, staff
from tests.factories.staff_money import adjust, grant, reverse, wallet_of, written
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import StaffMove, Transaction, Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def waiting(response):
    assert response.status_code == 202, response.content
    [(key, approval)] = response.json().items()
    assert (key, approval["status"], set(approval)) == ("approval", "pending", {"id", "status"})
    return approval["id"]


def approve(client, approval_id, decision="approve"):
    return client.post(f"admin/approvals/{approval_id}/{decision}", {"reason": "seen"})


@pytest.fixture
def asked(api):
    """An adjustment of 150 that waits: requester, owner of the wallet, id of the approval."""
    finance, ann = staff("finance"), rich_user(10)
    return finance, ann, waiting(adjust(api.as_user(finance), ann, "150", "Lost deposit"))


@pytest.fixture
def second(api):
    return api.as_stepped_up(staff("finance"))


def test_at_the_threshold_nothing_moves_yet(api):
    client, ann = api.as_user(staff("finance")), rich_user(10)
    assert adjust(client, ann, "99.999999999").status_code == 201
    before = Transaction.objects.count(), balance_of(ann), StaffMove.objects.count()
    waiting(adjust(client, ann, "0.000000001"))
    assert (Transaction.objects.count(), balance_of(ann), StaffMove.objects.count()) == before


@pytest.mark.parametrize("call", [adjust, grant])
def test_exactly_the_threshold_waits(api, call):
    client, ann = api.as_user(staff("super_admin")), rich_user(10)
    waiting(call(client, ann, "100"))
    assert balance_of(ann) == ogc(10)


def test_small_steps_of_all_three_kinds_count_together(api):
    client, ann, bob = api.as_user(staff("super_admin")), rich_user(80), rich_user(0)
    body = {"to": bob.public_id, "amount": "20"}
    paid = api.as_user(ann).post("wallet/transfer", body, key=uuid7()).json()["id"]
    assert adjust(client, ann, "30").status_code == 201
    assert adjust(client, ann, "-30").status_code == 201
    assert grant(client, bob, "19").status_code == 201
    waiting(adjust(client, bob, "21"))
    waiting(grant(client, ann, "21"))
    assert reverse(client, paid).status_code == 201
    waiting(adjust(client, ann, "-1"))
    assert StaffMove.objects.count() == 4


def test_one_person_is_counted_not_one_wallet(api):
    finance, other = (api.as_user(staff("finance")) for _ in range(2))
    assert adjust(finance, rich_user(0), "60").status_code == 201
    assert adjust(other, rich_user(0), "60").status_code == 201
    waiting(adjust(finance, rich_user(0), "60"))


def test_after_24_hours_it_starts_again(api, later):
    me, ann = staff("finance"), rich_user(0)
    assert adjust(api.as_user(me), ann, "60").status_code == 201
    later(hours=23, minutes=59)
    waiting(adjust(api.as_user(me), ann, "60"))
    later(minutes=2)
    assert adjust(api.as_user(me), ann, "60").status_code == 201


def test_the_second_person_lets_it_happen(api, asked, second, assert_whole):
    finance, ann, approval_id = asked
    response = approve(second, approval_id)
    assert (response.status_code, response.json()["status"]) == (200, "approved")
    made = response.json()["result"]["transaction_id"]
    assert balance_of(ann) == ogc(160)
    move = StaffMove.objects.get()
    assert (move.actor, move.amount, move.approval_id, move.reason) == (
        finance, ogc(150), approval_id, "Lost deposit",
    )  # fmt: skip
    assert move.transaction.public_id == made
    record = AuditRecord.objects.get(action="wallet.adjust")
    after = json.loads(record.after)
    assert (after["requested_by"], after["approval"]) == (finance.public_id, approval_id)
    assert record.actor_id == Approval.objects.get().decided_by.public_id != finance.public_id
    key = f"user:{ann.public_id}:available"
    assert json.loads(record.before)["balances"][key] == ogc(10)
    assert after["balances"][key] == ogc(160)
    assert_whole()


def test_what_was_approved_counts_for_who_asked(api, asked, second):
    finance, ann, approval_id = asked
    approve(second, approval_id)
    waiting(adjust(api.as_user(finance), ann, "0.1"))
    assert adjust(second, ann, "0.1").status_code == 201


def test_a_waiting_or_rejected_one_does_not_count(api, asked, second):
    finance, ann, approval_id = asked
    assert adjust(api.as_user(finance), ann, "99").status_code == 201
    assert approve(second, approval_id, "reject").json()["status"] == "rejected"
    assert error_code(approve(second, approval_id)) == "APPROVAL_NOT_PENDING"
    assert balance_of(ann) == ogc(109)


def test_approved_once(asked, second):
    _, ann, approval_id = asked
    approve(second, approval_id)
    assert error_code(approve(second, approval_id)) == "APPROVAL_NOT_PENDING"
    assert balance_of(ann) == ogc(160)


def test_not_by_the_same_person_nor_without_step_up_or_scope(api, asked):
    finance, ann, approval_id = asked
    before = written()
    for client, code in (
        (api.as_stepped_up(finance), "SECOND_PERSON_REQUIRED"),
        (api.as_user(staff("finance")), "STEP_UP_REQUIRED"),
        (api.as_stepped_up(staff("admin")), "PERMISSION_DENIED"),
    ):
        response = approve(client, approval_id)
        assert (response.status_code, error_code(response)) == (403, code)
    assert balance_of(ann) == ogc(10)
    assert written()[:4] == before[:4]
    assert Approval.objects.get().status == "pending"


@pytest.mark.parametrize("call", [adjust, grant])
def test_nobody_approves_what_they_get(api, call):
    requester, me = staff("super_admin"), staff("super_admin")
    approval_id = waiting(call(api.as_user(requester), me, "150"))
    response = approve(api.as_stepped_up(me), approval_id)
    assert (response.status_code, error_code(response)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    assert balance_of(me) == 0


def test_nobody_approves_the_reversal_of_their_own_transfer(api, second):
    me, ann, bob = staff("finance"), rich_user(300), rich_user(0)
    body = {"to": me.public_id, "amount": "150"}
    paid = api.as_user(ann).post("wallet/transfer", body, key=uuid7()).json()["id"]
    approval_id = waiting(reverse(api.as_user(staff("finance")), paid))
    response = approve(api.as_stepped_up(me), approval_id)
    assert (response.status_code, error_code(response)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    assert approve(second, approval_id).status_code == 200
    assert (balance_of(ann), balance_of(me), balance_of(bob)) == (ogc(300), 0, 0)


def test_too_late(asked, api, later):
    _, ann, approval_id = asked
    later(hours=72, seconds=1)
    response = approve(api.as_stepped_up(staff("finance")), approval_id)
    assert (response.status_code, error_code(response)) == (409, "APPROVAL_EXPIRED")
    assert balance_of(ann) == ogc(10)


@pytest.mark.parametrize(
    "field, value",
    [("amount", "1500"), ("wallet_id", "018f0000-0000-7000-8000-000000000000"), ("reason", "x")],
)
def test_a_changed_wish_is_refused(asked, second, field, value):
    _, ann, approval_id = asked
    row = Approval.objects.get()
    Approval.objects.update(payload={**row.payload, field: value})
    response = approve(second, approval_id)
    assert (response.status_code, error_code(response)) == (409, "APPROVAL_PAYLOAD_CHANGED")
    assert balance_of(ann) == ogc(10)


def test_a_requester_who_lost_the_scope_or_is_suspended(asked, second, api):
    finance, ann, approval_id = asked
    role_remove(actor=SYSTEM, user_id=finance.public_id, role="finance")
    response = approve(second, approval_id)
    assert (response.status_code, error_code(response)) == (409, "APPROVAL_REQUESTER_NOT_ALLOWED")
    other = staff("finance")
    approval_id = waiting(adjust(api.as_user(other), ann, "150"))
    user_suspend(actor=SYSTEM, user_id=other.public_id, reason="fraud")
    assert error_code(approve(second, approval_id)) == "APPROVAL_REQUESTER_NOT_ALLOWED"
    assert balance_of(ann) == ogc(10)


def test_it_is_checked_again_and_stays_open_when_it_fails(api, second, assert_whole):
    ann, bob = rich_user(200), rich_user(0)
    approval_id = waiting(adjust(api.as_user(staff("finance")), ann, "-150"))
    body = {"to": bob.public_id, "amount": "100"}
    api.as_user(ann).post("wallet/transfer", body, key=uuid7())
    response = approve(second, approval_id)
    assert (response.status_code, error_code(response)) == (402, "INSUFFICIENT_BALANCE")
    assert (Approval.objects.get().status, StaffMove.objects.count()) == ("pending", 0)
    Wallet.objects.filter(user=ann).update(status="closed")
    assert error_code(approve(second, approval_id)) == "WALLET_CLOSED"
    Wallet.objects.filter(user=ann).update(status="active")
    api.as_user(bob).post("wallet/transfer", {"to": ann.public_id, "amount": "100"}, key=uuid7())
    assert approve(second, approval_id).status_code == 200
    assert (balance_of(ann), StaffMove.objects.get().amount) == (ogc(50), ogc(150))
    assert_whole()


def test_a_reversal_done_meanwhile_is_not_done_again(api, second, assert_whole):
    ann, bob = rich_user(300), rich_user(0)
    body = {"to": bob.public_id, "amount": "150"}
    paid = api.as_user(ann).post("wallet/transfer", body, key=uuid7()).json()["id"]
    first, other = (waiting(reverse(api.as_user(staff("finance")), paid)) for _ in range(2))
    assert approve(second, first).status_code == 200
    response = approve(second, other)
    assert (response.status_code, error_code(response)) == (409, "ALREADY_REVERSED")
    assert balance_of(ann) == ogc(300)
    assert_whole()


def test_asking_again_for_the_same_reversal_is_the_same_approval(api):
    client = api.as_user(staff("finance"))
    body = {"to": rich_user(0).public_id, "amount": "150"}
    paid = api.as_user(rich_user(300)).post("wallet/transfer", body, key=uuid7()).json()["id"]
    assert waiting(reverse(client, paid)) == waiting(reverse(client, paid))


def test_two_equal_adjustments_are_two_and_a_key_is_one(api):
    client, ann, key = api.as_user(staff("finance")), rich_user(0), uuid7()
    one, two = (waiting(adjust(client, ann, "150")) for _ in range(2))
    assert one != two
    again = [waiting(adjust(client, ann, "150", key=key)) for _ in range(2)]
    assert again[0] == again[1]


def test_a_reward_by_hand_waits_and_is_paid(api, assert_whole):
    ann, admin = rich_user(0), staff("admin")
    approval_id = waiting(grant(api.as_user(admin), ann, "250", "Two bugs"))
    response = approve(api.as_stepped_up(staff("finance")), approval_id)
    assert (response.status_code, error_code(response)) == (403, "PERMISSION_DENIED")
    assert approve(api.as_stepped_up(staff("admin")), approval_id).status_code == 200
    assert balance_of(ann) == ogc(250)
    move = StaffMove.objects.get()
    assert (move.kind, move.actor, move.approval_id) == ("reward", admin, approval_id)
    assert_whole()


def test_a_policy_asks_for_the_second_person_at_any_amount(api, second):
    ann, client = rich_user(10), api.as_user(staff("finance"))
    policy("action", rule("require_escalation", "wallet.adjust"))
    approval_id = waiting(adjust(client, ann, "1"))
    assert approve(second, approval_id).status_code == 200
    assert balance_of(ann) == ogc(11)


def test_a_policy_that_came_later_stops_what_was_asked(asked, second):
    _, ann, approval_id = asked
    policy("action", rule("deny", "wallet.adjust"))
    assert error_code(approve(second, approval_id)) == "PERMISSION_DENIED"
    assert balance_of(ann) == ogc(10)


def test_the_threshold_is_a_setting(api, settings):
    settings.ADJUST_APPROVAL_THRESHOLD = ogc(5)
    client, ann = api.as_user(staff("finance")), rich_user(0)
    waiting(adjust(client, ann, "5"))
    assert adjust(client, ann, "4.9").status_code == 201
    assert wallet_of(ann).status == "active"
    assert StaffMove.objects.get().created_at > Approval.objects.get().created_at - timedelta(minutes=1)
