"""/tx: the calls of /wallet under other names, and everybody's transactions for staff."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import AuditRecord
from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.factories.governance import staff
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import Transaction
from wallets.services.escrows import escrow_fund
from wallets.services.rewards import challenge_reward_pay
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

CHALLENGE = uuid7()


def pay(api: ApiClient, giver: Any, taker: Any, amount: str = "1") -> dict[str, Any]:
    body = {"to": taker.public_id, "amount": amount}
    answer = api.as_user(giver).post("wallet/transfer", body, key=uuid7())
    assert answer.status_code == 201
    return answer.json()


def ids(client: ApiClient, query: str = "") -> list[str]:
    return [row["id"] for row in client.get(f"tx/list{query}").json()["results"]]


def test_people_see_the_rows_of_their_wallet(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(1)
    paid = pay(api, ann, bob)
    client = api.as_user(bob)
    rows = client.get("tx/list").json()["results"]
    assert [{**row, "wallet_id": 0} for row in rows] == [
        {**row, "wallet_id": 0} for row in client.get("wallet/transactions").json()["results"]
    ]
    assert {row["wallet_id"] for row in rows} == {None}
    own = bob.wallet.public_id
    assert client.get(f"tx/list?wallet_id={own}").json()["results"][0]["wallet_id"] == own
    assert ids(client, "?type=transfer&status=completed") == [paid["id"]]
    assert ids(client, "?to=2020-01-01T00:00:00Z") == []
    assert ids(client, "?from=2020-01-01T00:00:00Z&type=faucet") == [rows[1]["id"]]
    assert client.get(f"tx/{paid['id']}").json() == {**rows[0], "wallet_id": None}
    assert not AuditRecord.objects.filter(action__startswith="transactions.").exists()


def test_nobody_sees_somebody_elses(api: ApiClient) -> None:
    ann, bob, eve = rich_user(10), rich_user(1), rich_user(0)
    paid = pay(api, ann, bob)
    client = api.as_user(eve)
    assert ids(client) == []
    for path in (
        f"tx/list?wallet_id={ann.wallet.public_id}",
        f"tx/list?wallet_id={uuid7()}",
        f"tx/{paid['id']}",
    ):
        answer = client.get(path)
        assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")
    assert client.get("tx/nonsense").status_code == 404
    assert error_code(client.get("tx/list?wallet_id=nonsense")) == "VALIDATION_ERROR"
    assert not AuditRecord.objects.filter(action__startswith="transactions.").exists()


def test_staff_see_everybodys_from_the_givers_side_and_leave_a_trace(api: ApiClient) -> None:
    ann, bob = rich_user(10, name="Ann"), rich_user(1, name="Bob")
    escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(10))
    challenge_reward_pay(actor=SYSTEM, challenge_id=CHALLENGE, user_id=bob.public_id, amount=ogc(4), rank=1)
    paid = pay(api, ann, bob, "2.5")
    ops = staff("admin")
    client = api.as_user(ops)
    rows = client.get("tx/list?page_size=100").json()["results"]
    newest = Transaction.objects.order_by("-created_at", "-id").values_list("public_id", flat=True)
    assert [row["id"] for row in rows] == list(newest)
    transfer, reward, escrow = rows[:3]
    assert transfer == {**paid, "wallet_id": ann.wallet.public_id}
    assert (reward["direction"], reward["wallet_id"]) == ("in", bob.wallet.public_id)
    assert [(entry["account"], entry["amount"], entry["balance_after"]) for entry in reward["entries"]] == [
        ("pending", "4", "4"), ("pending", "-4", "0"), ("available", "4", "5"),
    ]  # fmt: skip
    assert (escrow["type"], escrow["entries"], escrow["wallet_id"]) == ("escrow_fund", [], None)
    assert ids(client, f"?wallet_id={bob.wallet.public_id}&type=transfer") == [paid["id"]]
    assert client.get(f"tx/{paid['id']}").json() == transfer
    assert client.get(f"tx/{uuid7()}").status_code == 404
    records = AuditRecord.objects.filter(action__startswith="transactions.").order_by("pk")
    assert [(record.action, record.target_id) for record in records] == [
        ("transactions.listed", ""),
        ("transactions.listed", bob.wallet.public_id),
        ("transactions.viewed", paid["id"]),
    ]


def test_staff_page_both_ways_at_the_same_cost(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(1)
    actor = Actor(kind="user", user_id=ann.public_id, scopes=frozenset({"self"}))
    client, costs = api.as_user(staff("admin")), []
    for count in (1, 49):
        for _ in range(count):
            transfer_settle(actor=actor, to=bob.public_id, amount=1)
        with CaptureQueriesContext(connection) as queries:
            client.get("tx/list?page_size=50&type=transfer")
        costs.append(len([q for q in queries if "wallets_" in q["sql"] or "challenges_" in q["sql"]]))
    assert costs == [1, 1]
    everything = ids(client, "?page_size=100")
    url, seen, pages = "tx/list?page_size=9", [], []
    while url:
        page = client.get(url).json()
        pages.append([row["id"] for row in page["results"]])
        seen += pages[-1]
        last, url = page, page["next"] and page["next"].partition("/api/v1/")[2]
    assert seen == everything
    back = client.get(last["previous"].partition("/api/v1/")[2]).json()
    assert [row["id"] for row in back["results"]] == pages[-2]


def test_register_withdrawal_is_the_transfer_call(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    client, body, key = api.as_user(ann), {"to": bob.public_id, "amount": "1"}, uuid7()
    assert error_code(client.post("tx/register-withdrawal", body)) == "IDEMPOTENCY_KEY_REQUIRED"
    first = client.post("tx/register-withdrawal", body, key=key)
    again = client.post("tx/register-withdrawal", body, key=key)
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.json() == client.get(f"wallet/transactions/{first.json()['id']}").json()
    assert (
        error_code(client.post("tx/register-withdrawal", body | {"amount": "0"}, key=uuid7()))
        == "INVALID_AMOUNT"
    )
    poor = client.post("tx/register-withdrawal", body | {"amount": "10"}, key=uuid7())
    assert error_code(poor) == "INSUFFICIENT_BALANCE"
    assert (balance_of(ann), balance_of(bob)) == (ogc(9), ogc(1))
