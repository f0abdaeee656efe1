"""GET /admin/wallets, freeze and unfreeze."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import actor_for
from governance.models import AuditRecord
from notifications.models import Notification
from notifications.services.seed import seed as notifications_seed
from ogc.errors import CannotChangeSelf
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.governance import staff
from tests.factories.staff_money import wallet_of, written
from tests.factories.wallets import balance_of, rich_user
from wallets.models import LedgerAccount, UnfoldedEntry, Wallet
from wallets.services.risk_holds import wallet_risk_hold, wallet_risk_release

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


@pytest.fixture
def finance(api):
    return api.as_user(staff("finance"))


def turn(client, what, wallet_id, **body):
    return client.post(f"admin/wallets/{wallet_id}/{what}", {"reason": "Somebody else", **body})


def test_a_wallet_is_found_by_id_and_address_of_its_user(finance):
    ann = rich_user(10, name="Ann", email="ann@example.org")
    rich_user(1)
    for user in (ann.public_id, "ann@example.org", " ANN@example.org "):
        response = finance.get("admin/wallets", QUERY_STRING=f"user={user.replace(' ', '%20')}")
        assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
        [row] = response.json()["results"]
        assert row.pop("created_at")
        assert row == {
            "id": wallet_of(ann).public_id,
            "user": {"id": ann.public_id, "name": "Ann", "email": "ann@example.org"},
            "address": None,
            "status": "active",
            "freeze_cause": "",
            "balances": {
                "available": "10", "pending": "0", "staked": "0", "reserved": "0", "total": "10",
            },
        }  # fmt: skip


@pytest.mark.parametrize("user", ["018f0000-0000-7000-8000-000000000000", "nobody@example.org", "1", "x"])
def test_nobody_is_nobody(finance, user):
    rich_user(1)
    assert finance.get(f"admin/wallets?user={user}").json()["results"] == []


def test_a_list_takes_as_many_queries_for_one_as_for_fifty(finance):
    counts = []
    for number in (1, 49):
        for _ in range(number):
            rich_user(0)
        with CaptureQueriesContext(connection) as queries:
            assert finance.get("admin/wallets?page_size=100").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_pages_go_on(finance):
    for _ in range(5):
        rich_user(0)
    first = finance.get("admin/wallets?page_size=3").json()
    rest = finance.get(first["next"].split("/api/v1/")[1]).json()
    ids = [row["id"] for row in first["results"] + rest["results"]]
    assert len(ids) == len(set(ids)) == Wallet.objects.count()
    assert error_code(finance.get("admin/wallets?cursor=x")) == "CURSOR_INVALID"


def test_balances_hold_what_waits_to_be_folded(api, finance):
    ann, bob = rich_user(10), rich_user(5)
    LedgerAccount.objects.filter(wallet__user=ann, kind="available").update(lazy=True)
    api.as_user(bob).post("wallet/transfer", {"to": ann.public_id, "amount": "5"}, key=uuid7())
    assert UnfoldedEntry.objects.filter(account__wallet__user=ann).exists()
    [row] = finance.get(f"admin/wallets?user={ann.public_id}").json()["results"]
    assert (row["balances"]["available"], row["balances"]["total"]) == ("15", "15")


def test_frozen_and_unfrozen_with_before_and_after(api, finance, drain):
    notifications_seed(debug=True)
    ann, bob = rich_user(10), rich_user(0)
    wallet_id = wallet_of(ann).public_id
    body = turn(finance, "freeze", wallet_id).json()
    assert (body["id"], body["status"], body["freeze_cause"]) == (wallet_id, "frozen", "person")
    pay = {"to": bob.public_id, "amount": "1"}
    assert error_code(api.as_user(ann).post("wallet/transfer", pay, key=uuid7())) == "WALLET_FROZEN"
    body = turn(finance, "unfreeze", wallet_id).json()
    assert (body["status"], body["freeze_cause"]) == ("active", "")
    assert api.as_user(ann).post("wallet/transfer", pay, key=uuid7()).status_code == 201
    records = AuditRecord.objects.filter(target_id=wallet_id).order_by("pk")
    assert [
        (row.action, row.reason, json.loads(row.before), json.loads(row.after)) for row in records
    ] == [
        (
            "wallet.freeze", "Somebody else",
            {"status": "active", "cause": ""}, {"status": "frozen", "cause": "person"},
        ),
        (
            "wallet.unfreeze", "Somebody else",
            {"status": "frozen", "cause": "person"}, {"status": "active", "cause": ""},
        ),
    ]  # fmt: skip
    drain()
    titles = Notification.objects.filter(user=ann, type="wallet").order_by("pk")
    assert [row.title for row in titles] == ["Your wallet is frozen", "Your wallet is no longer frozen"]
    assert not any("Somebody else" in row.message for row in titles)


def test_the_contract_names_no_reason_so_none_is_needed(finance):
    wallet_id = wallet_of(rich_user(0)).public_id
    for what in ("freeze", "unfreeze"):
        assert finance.post(f"admin/wallets/{wallet_id}/{what}").status_code == 200
    records = AuditRecord.objects.filter(target_id=wallet_id).order_by("pk")
    assert list(records.values_list("action", "reason")) == [("wallet.freeze", ""), ("wallet.unfreeze", "")]


def test_again_changes_nothing_and_is_audited(finance):
    wallet_id = wallet_of(rich_user(10)).public_id
    for what, status in (("unfreeze", "active"), ("freeze", "frozen"), ("freeze", "frozen")):
        assert turn(finance, what, wallet_id).json()["status"] == status
    records = AuditRecord.objects.filter(target_id=wallet_id).order_by("pk")
    active, frozen = {"status": "active", "cause": ""}, {"status": "frozen", "cause": "person"}
    assert [(row.action, json.loads(row.before), json.loads(row.after)) for row in records] == [
        ("wallet.unfreeze", active, active),
        ("wallet.freeze", active, frozen),
        ("wallet.freeze", frozen, frozen),
    ]
    assert not DomainEvent.objects.filter(name="wallets.unfrozen").exists()
    assert DomainEvent.objects.filter(name="wallets.frozen").count() == 1


@pytest.mark.parametrize("what", ["freeze", "unfreeze"])
def test_never_ones_own(api, what):
    me = staff("finance")
    Wallet.objects.filter(user=me).update(status="frozen", freeze_cause="person")
    before = written()
    response = turn(api.as_user(me), what, wallet_of(me).public_id)
    assert (response.status_code, error_code(response)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    assert (wallet_of(me).status, written()) == ("frozen", before)


@pytest.mark.parametrize("what", ["freeze", "unfreeze"])
@pytest.mark.parametrize("body", [{"reason": "a\u202eb"}, {"reason": None}, {"reason": 1}, {"extra": 1}])
def test_bad_bodies(finance, what, body):
    wallet = wallet_of(rich_user(0))
    assert error_code(turn(finance, what, wallet.public_id, **body)) == "VALIDATION_ERROR"
    wallet.refresh_from_db()
    assert wallet.status == "active"


def test_a_closed_wallet_is_not_found(finance):
    ann = rich_user(0)
    Wallet.objects.filter(user=ann).update(status="closed")
    for what in ("freeze", "unfreeze"):
        assert error_code(turn(finance, what, wallet_of(ann).public_id)) == "NOT_FOUND"
    assert (wallet_of(ann).status, balance_of(ann)) == ("closed", 0)


@pytest.mark.parametrize("service", [wallet_risk_hold, wallet_risk_release])
def test_nor_the_risk_hold_of_ones_own_rewards(service):
    me = staff("finance")
    wallet = wallet_of(me)
    before = written()
    with pytest.raises(CannotChangeSelf):
        service(actor=actor_for(me), wallet_id=wallet.public_id, reason="r")
    assert written() == before
