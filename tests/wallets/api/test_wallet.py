"""GET /wallet and its history."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import UserFactory
from tests.factories.wallets import ogc, rich_user
from wallets.selectors import transactions_for_user
from wallets.selectors.wallets import wallet_rows
from wallets.services.escrows import escrow_fund
from wallets.services.rewards import challenge_reward_pay
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

CHALLENGE = "018f0000-0000-7000-8000-000000000001"


def pay(sender: Any, recipient: Any, amount: float, memo: str = "") -> None:
    actor = Actor(kind="user", user_id=sender.public_id, scopes=frozenset({"self"}))
    transfer_settle(actor=actor, to=recipient.public_id, amount=ogc(amount), memo=memo)


def test_the_wallet_shows_four_balances_and_their_total(api: ApiClient) -> None:
    user = rich_user(12.5)
    response = api.as_user(user).get("wallet")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "id": user.wallet.public_id,
        "address": None,
        "status": "active",
        "balances": {"available": "12.5", "pending": "0", "staked": "0", "reserved": "0", "total": "12.5"},
        "onchain": None,
        "incoming": [],
    }


def test_the_wallet_costs_one_query(api: ApiClient) -> None:
    client = api.as_user(rich_user(1))
    client.get("wallet")
    with CaptureQueriesContext(connection) as queries:
        client.get("wallet")
    assert len(queries) == 1


def test_nobody_else_has_a_wallet(api: ApiClient) -> None:
    assert error_code(api.get("wallet")) == "NOT_AUTHENTICATED"
    client = api.as_user(UserFactory(wallet=False))
    for path in ("wallet", "wallet/transactions"):
        response = client.get(path)
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


def test_both_sides_see_a_transfer_from_their_side(api: ApiClient) -> None:
    ann, bob = rich_user(10, name="Ann"), rich_user(1, name="Bob")
    pay(ann, bob, 2.5, memo="Lunch")

    mine = api.as_user(ann).get("wallet/transactions").json()["results"][0]
    theirs = api.as_user(bob).get("wallet/transactions").json()["results"][0]
    assert mine["direction"] == "out"
    assert mine["counterparty"] == {"kind": "user", "id": bob.public_id, "name": "Bob"}
    assert mine["entries"] == [{"account": "available", "amount": "-2.5", "balance_after": "7.5"}]
    assert theirs["direction"] == "in"
    assert theirs["counterparty"] == {"kind": "user", "id": ann.public_id, "name": "Ann"}
    assert theirs["entries"] == [{"account": "available", "amount": "2.5", "balance_after": "3.5"}]
    for seen in (mine, theirs):
        assert (seen["type"], seen["status"], seen["amount"]) == ("transfer", "completed", "2.5")
        assert (seen["memo"], seen["chain"]) == ("Lunch", None)
        assert seen["created_at"] == seen["completed_at"]
        assert seen["created_at"].endswith("Z")
    assert mine["id"] == theirs["id"]
    assert api.as_user(ann).get(f"wallet/transactions/{mine['id']}").json() == mine


def test_somebody_elses_transaction_is_not_found(api: ApiClient) -> None:
    ann, bob, eve = rich_user(10), rich_user(0), rich_user(0)
    pay(ann, bob, 1)
    transaction_id = transactions_for_user(ann.public_id, limit=1)[0].id
    for unknown in (transaction_id, uuid7(), "nonsense"):
        response = api.as_user(eve).get(f"wallet/transactions/{unknown}")
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


def test_a_reward_shows_its_challenge_and_every_step(api: ApiClient) -> None:
    user = rich_user(1)
    escrow_fund(actor=SYSTEM, challenge_id=CHALLENGE, amount=ogc(10))
    challenge_reward_pay(actor=SYSTEM, challenge_id=CHALLENGE, user_id=user.public_id, amount=ogc(4), rank=1)
    reward = api.as_user(user).get("wallet/transactions?type=reward").json()["results"][0]
    assert reward["counterparty"] == {"kind": "challenge", "id": CHALLENGE, "name": ""}
    assert reward["entries"] == [
        {"account": "pending", "amount": "4", "balance_after": "4"},
        {"account": "pending", "amount": "-4", "balance_after": "0"},
        {"account": "available", "amount": "4", "balance_after": "5"},
    ]
    assert (reward["direction"], reward["status"]) == ("in", "completed")


def walk(client: ApiClient, path: str, link: str = "next") -> list[str]:
    """Ids of all pages from this one on."""
    found: list[str] = []
    url: str | None = path
    while url:
        body = client.get(url).json()
        found += [row["id"] for row in body["results"]]
        url = body[link] and "/api" + body[link].split("/api", 1)[1]
    return found


def test_pages_walk_the_whole_history_both_ways(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(100)
    for number in range(1, 25):
        pay(*((ann, bob) if number % 3 else (bob, ann)), number / 10)
    client = api.as_user(ann)
    everything = [view.id for view in transactions_for_user(ann.public_id, limit=100)]
    assert len(everything) == 25
    assert walk(client, "wallet/transactions?page_size=4") == everything
    assert walk(client, "wallet/transactions?page_size=25") == everything

    first = client.get("wallet/transactions?page_size=10").json()
    second = client.get("/api" + first["next"].split("/api", 1)[1]).json()
    back = client.get("/api" + second["previous"].split("/api", 1)[1]).json()
    assert back["results"] == first["results"]
    assert first["previous"] is None


def test_every_running_balance_is_the_sum_of_what_came_before(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(100)
    for number in range(1, 60):
        pay(*((ann, bob) if number % 3 else (bob, ann)), number / 10)
    views = transactions_for_user(ann.public_id, limit=100)
    assert len(views) == 60
    balance = 0
    for view in reversed(views):
        (entry,) = view.entries
        balance += entry.amount
        assert entry.balance_after == balance


def test_filters_narrow_and_combine(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(100)
    pay(ann, bob, 1)
    pay(bob, ann, 2)
    client = api.as_user(ann)

    def types(query: str) -> list[tuple[str, str]]:
        rows = client.get(f"wallet/transactions?{query}").json()["results"]
        return [(row["type"], row["amount"]) for row in rows]

    assert types("") == [("transfer", "2"), ("transfer", "1"), ("faucet", "100")]
    assert types("direction=in") == [("transfer", "2"), ("faucet", "100")]
    assert types("direction=out&type=transfer") == [("transfer", "1")]
    assert types("type=faucet") == [("faucet", "100")]
    assert types("status=pending") == []
    middle = client.get("wallet/transactions?direction=out").json()["results"][0]["created_at"]
    assert types(f"from={middle}") == [("transfer", "2"), ("transfer", "1")]
    assert types(f"to={middle}") == [("faucet", "100")]


@pytest.mark.parametrize(
    "query", ["type=bribe", "status=odd", "direction=up", "from=yesterday", "page_size=0", "page_size=101"]
)
def test_odd_filters_are_refused(api: ApiClient, query: str) -> None:
    response = api.as_user(rich_user(0)).get(f"wallet/transactions?{query}")
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")


def test_a_cursor_of_other_filters_is_refused(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(0)
    pay(ann, bob, 1)
    client = api.as_user(ann)
    following = client.get("wallet/transactions?page_size=1").json()["next"]
    cursor = following.split("cursor=")[1].split("&")[0]
    for query in (f"cursor={cursor}&type=transfer", "cursor=AAAA", f"cursor={cursor}x"):
        response = client.get(f"wallet/transactions?page_size=1&{query}")
        assert (response.status_code, error_code(response)) == (400, "CURSOR_INVALID")


def test_a_page_costs_one_query_however_many_rows(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(0)
    client = api.as_user(ann)
    client.get("wallet/transactions")
    wallet_rows.cache_clear()
    with CaptureQueriesContext(connection) as one_row:
        assert len(client.get("wallet/transactions").json()["results"]) == 1
    for _ in range(50):
        pay(ann, bob, 0.1)
    with CaptureQueriesContext(connection) as fifty_rows:
        assert len(client.get("wallet/transactions?page_size=50").json()["results"]) == 50
    assert (len(one_row), len(fifty_rows)) == (2, 1)


def test_a_withdrawal_shows_its_address(api: ApiClient) -> None:
    user = rich_user(10)
    to = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
    answer = api.as_user(user).post("wallet/transfer", {"to": to, "amount": "4"}, key=uuid7())
    assert answer.status_code == 202
    client = api.as_user(user)
    with CaptureQueriesContext(connection) as queries:
        seen = client.get("wallet/transactions?type=withdrawal").json()["results"]
    assert len(queries) <= 3
    assert seen == [answer.json()]
    assert seen[0]["counterparty"] == {"kind": "address", "id": to, "name": ""}
    assert (seen[0]["direction"], seen[0]["status"], seen[0]["chain"]["status"]) == (
        "out",
        "pending",
        "queued",
    )
    assert seen[0]["entries"] == [
        {"account": "available", "amount": "-4", "balance_after": "6"},
        {"account": "reserved", "amount": "4", "balance_after": "4"},
    ]
