"""GET /wallet/rewards and /wallet/mining-history."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ogc.actors import SYSTEM
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import UserFactory
from tests.factories.governance import staff
from tests.factories.staff_money import reverse
from tests.factories.wallets import balance_of, grant_of, ogc
from wallets.models import Reward
from wallets.services.mining import mining_pay
from wallets.services.risk_holds import wallet_risk_hold

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

DAY = date(2026, 5, 4)
PATHS = ("wallet/rewards", "wallet/mining-history")


def mine(user: Any, days: int) -> None:
    for number in range(days):
        mining_pay(actor=SYSTEM, day=DAY + timedelta(days=number), shares={user.public_id: ogc(1)})


def shown(client: ApiClient, path: str) -> list[tuple[str, ...]]:
    rows = client.get(path).json()["results"]
    return [(row["source"], row["amount"], row["status"]) for row in rows]


def inner(link: str) -> str:
    """A link of a page as the client of these tests takes it."""
    return link.split("/api/v1/", 1)[1]


def test_what_was_earned_is_listed_newest_first(api: ApiClient) -> None:
    user, other = UserFactory(), UserFactory()
    transaction_id = grant_of(user, 5, "one")
    mine(user, 1)
    grant_of(other, 7, "two")
    client = api.as_user(user)
    response = client.get("wallet/rewards")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    first = response.json()["results"][-1]
    reward = Reward.objects.get(public_id=transaction_id)
    assert first == {
        "id": transaction_id,
        "amount": "5",
        "source": "grant",
        "status": "released",
        "releases_at": f"{reward.releases_at:%Y-%m-%dT%H:%M:%S.%f}Z",
    }
    assert shown(client, "wallet/rewards") == [("mining", "1", "pending"), ("grant", "5", "released")]
    assert shown(client, "wallet/mining-history") == [("mining", "1", "pending")]
    assert client.get(f"wallet/transactions/{transaction_id}").status_code == 200


def test_under_a_risk_hold_what_waits_is_shown_as_held(api: ApiClient) -> None:
    user = UserFactory()
    grant_of(user, 5, "one")
    mine(user, 1)
    wallet_risk_hold(actor=SYSTEM, wallet_id=user.wallet.public_id, reason="test")
    assert shown(api.as_user(user), "wallet/rewards") == [("mining", "1", "held"), ("grant", "5", "released")]


def test_a_reward_that_staff_took_back_is_shown_as_reversed(api: ApiClient) -> None:
    user = UserFactory()
    transaction_id = grant_of(user, 5, "one")
    assert reverse(api.as_user(staff("finance")), transaction_id).status_code == 201
    assert shown(api.as_user(user), "wallet/rewards") == [("grant", "5", "reversed")]
    assert balance_of(user) == 0


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_one_query_however_long_the_list(api: ApiClient, path: str) -> None:
    user = UserFactory()
    client = api.as_user(user)
    client.get(path)
    costs = []
    for days in (1, 50):
        mine(user, days)
        with CaptureQueriesContext(connection) as queries:
            body = client.get(f"{path}?page_size=50").json()
        assert len(body["results"]) == days
        costs.append(len(queries))
    assert costs == [1, 1]


@pytest.mark.parametrize("path", PATHS)
def test_pages_follow_each_other(api: ApiClient, path: str) -> None:
    user = UserFactory()
    mine(user, 5)
    client = api.as_user(user)
    whole = [row["id"] for row in client.get(path).json()["results"]]
    first = client.get(f"{path}?page_size=3").json()
    second = client.get(inner(first["next"])).json()
    assert [row["id"] for row in first["results"] + second["results"]] == whole
    assert client.get(inner(second["previous"])).json()["results"] == first["results"]
    other = PATHS[1 - PATHS.index(path)]
    stolen = client.get(inner(first["next"]).replace(path, other))
    assert (stolen.status_code, error_code(stolen)) == (400, "CURSOR_INVALID")


@pytest.mark.parametrize("path", PATHS)
def test_only_the_owner_of_a_wallet_reads(api: ApiClient, path: str) -> None:
    assert error_code(api.get(path)) == "NOT_AUTHENTICATED"
    response = api.as_user(UserFactory(wallet=False)).get(path)
    assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")
