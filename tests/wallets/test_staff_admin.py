"""The admin site's pages about moves by hand: the same services, by scope, and a form that counts once."""

import re

import pytest
from django.urls import reverse

from governance.models import Approval
from ogc import clock
from ogc.ids import uuid7
from tests.factories.accounts import admin_client
from tests.factories.governance import staff
from tests.factories.staff_money import wallet_of, written
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import StaffMove, Transaction, Wallet
from wallets.services.adjustments import adjustment_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money")]
ADD = "/admin/wallets/staffmove/add/"
UNSEEN = ("x" * 501, "two\nlines", "\u202eabc", "\u200b", "a\u00adb", "\u200d\u200c", "a\u2028", "a\x00b")
"""Reasons that the API refuses too."""


def form(user, **fields):
    return {
        "kind": "adjustment", "wallet": user.email, "how_much": "5", "reason": "Lost", "key": uuid7(),
        **fields,
    }  # fmt: skip


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_the_form_adjusts(assert_whole):
    finance, ann = staff("finance"), rich_user(10)
    client = admin_client(finance)
    page = client.get(f"{ADD}?wallet={wallet_of(ann).public_id}")
    assert page.status_code == 200
    assert wallet_of(ann).public_id in page.content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())[1]
    for wallet in (wallet_of(ann).public_id, ann.public_id, ann.email):
        response = client.post(ADD, form(ann, wallet=wallet, how_much="-1", key=uuid7()), follow=True)
        assert "adminform" not in response.context, response.context["adminform"].form.errors
        assert messages_of(response)[0].startswith("Done: transaction ")
    assert client.post(ADD, form(ann, key=key)).status_code == 302
    assert balance_of(ann) == ogc(12)
    assert set(StaffMove.objects.values_list("actor__email", "kind")) == {(finance.email, "adjustment")}
    assert_whole()


def test_the_form_rewards():
    ann = rich_user(10)
    admin_client(staff("admin")).post(ADD, form(ann, kind="reward"))
    assert (balance_of(ann), StaffMove.objects.get().kind) == (ogc(15), "reward")


def test_a_form_sent_twice_moves_once():
    ann, client = rich_user(10), admin_client(staff("finance"))
    asked = form(ann)
    for _ in range(2):
        response = client.post(ADD, asked, follow=True)
    assert any("LEDGER_SOURCE_KEY_USED" in text for text in messages_of(response))
    assert (balance_of(ann), StaffMove.objects.count()) == (ogc(15), 1)
    asked = form(ann, how_much="500")
    for _ in range(2):
        client.post(ADD, asked)
    assert Approval.objects.count() == 1


def test_from_the_threshold_on_it_waits():
    ann, client = rich_user(10), admin_client(staff("finance"))
    response = client.post(ADD, form(ann, how_much="100"), follow=True)
    assert messages_of(response) == [
        f"It waits for a second person: approval {Approval.objects.get().public_id}."
    ]
    assert (balance_of(ann), StaffMove.objects.count()) == (ogc(10), 0)


def test_a_reason_is_trimmed_and_in_one_spelling():
    client = admin_client(staff("finance"))
    client.post(ADD, form(rich_user(10), reason="  Cafe\u0301 \N{FAMILY} "))
    assert StaffMove.objects.get().reason == "Caf\xe9 \N{FAMILY}"


@pytest.mark.parametrize("reason", [*UNSEEN, "", "  "])
@pytest.mark.parametrize("action", ["freeze", "unfreeze", "hold_rewards", "release_rewards", "undo"])
def test_so_are_those_of_actions(action, reason):
    ann = rich_user(10)
    Wallet.objects.filter(user=ann).update(
        **{"status": "frozen", "freeze_cause": "person"} if action == "unfreeze" else {},
        risk_held_at=clock.now() if action == "release_rewards" else None,
    )
    row = Transaction.objects.latest("pk") if action == "undo" else wallet_of(ann)
    page = reverse(f"admin:wallets_{row._meta.model_name}_changelist")
    body = {"action": action, "_selected_action": [row.pk], "reason": reason}
    client = admin_client(staff("finance"))
    before = written(), Wallet.objects.filter(pk=row.pk).values().first()
    [told] = messages_of(client.post(page, body, follow=True))
    assert told.startswith("Reason: ")
    assert (written(), Wallet.objects.filter(pk=row.pk).values().first()) == before


@pytest.mark.parametrize("role, kind", [("finance", "reward"), ("admin", "adjustment")])
def test_each_kind_has_its_scope(role, kind):
    ann, client = rich_user(10), admin_client(staff(role))
    before = written()
    response = client.post(ADD, form(ann, kind=kind), follow=True)
    assert any("PERMISSION_DENIED" in text for text in messages_of(response))
    assert written() == before


def test_who_holds_neither_gets_no_form():
    ann, client = rich_user(10), admin_client(staff("moderator"))
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, form(ann)).status_code == 403
    assert balance_of(ann) == ogc(10)


@pytest.mark.parametrize(
    "field, value",
    [
        ("how_much", "0"), ("how_much", "1e3"), ("how_much", "x"), ("wallet", "nobody"), ("reason", ""),
        ("kind", "reversal"), ("key", "x"), ("key", ""), *(("reason", reason) for reason in UNSEEN),
    ],
)  # fmt: skip
def test_bad_fields(field, value):
    ann, client = rich_user(10), admin_client(staff("finance"))
    before = written()
    response = client.post(ADD, form(ann, **{field: value}))
    assert (response.status_code, field in response.context["adminform"].form.errors) == (200, True)
    assert written() == before


def test_a_reward_takes_nothing():
    ann, client = rich_user(10), admin_client(staff("admin"))
    response = client.post(ADD, form(ann, kind="reward", how_much="-5"))
    assert "how_much" in response.context["adminform"].form.errors
    assert balance_of(ann) == ogc(10)


def test_one_does_not_adjust_oneself_here_either():
    me = staff("finance")
    response = admin_client(me).post(ADD, form(me), follow=True)
    assert any("ADMIN_CANNOT_CHANGE_SELF" in text for text in messages_of(response))
    assert (balance_of(me), StaffMove.objects.count()) == (0, 0)


def test_old_moves_are_only_looked_at():
    ann, client = rich_user(10), admin_client(staff("super_admin"))
    client.post(ADD, form(ann))
    page = reverse("admin:wallets_staffmove_change", args=[StaffMove.objects.get().pk])
    assert client.get(page).status_code == 200
    assert client.post(page, form(ann)).status_code == 403
    delete = reverse("admin:wallets_staffmove_delete", args=[StaffMove.objects.get().pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def undo(client, *transactions, reason="Stolen"):
    page = reverse("admin:wallets_transaction_changelist")
    chosen = [Transaction.objects.get(public_id=one).pk for one in transactions]
    body = {"action": "undo", "_selected_action": chosen, "reason": reason}
    return client.post(page, body, follow=True)


def test_a_list_of_transactions_is_undone(assert_whole):
    from accounts.services import actor_for

    ann, finance = rich_user(200), staff("finance")
    made = [
        adjustment_request(
            actor=actor_for(staff("finance")),
            wallet_id=wallet_of(ann).public_id,
            amount=ogc(amount),
            reason="r",
        ).transaction_id
        for amount in (-5, -99)
    ]
    client = admin_client(finance)
    told = messages_of(undo(client, *made))
    assert "Done: 2." in told
    assert any("waits for a second person" in text for text in told)
    assert Approval.objects.count() == 1
    # Newest first: the 99 went, the 5 on top of them wait.
    assert any("ALREADY_REVERSED" in text for text in messages_of(undo(client, made[1])))
    assert StaffMove.objects.get(kind="reversal").amount == ogc(99)
    assert_whole()


def test_undoing_is_shown_to_who_may():
    page = reverse("admin:wallets_transaction_changelist")
    rich_user(1)
    for role, shown in (("finance", True), ("admin", False)):
        assert (b'value="undo"' in admin_client(staff(role)).get(page).content) is shown
