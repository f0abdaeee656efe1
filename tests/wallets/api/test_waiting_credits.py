"""Calls count credits that wait to be folded, and say the same as an account without any."""

from typing import Any

import orjson
import pytest

from ogc import clock
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, reverse, wallet_of
from tests.factories.wallets import balance_of, make_lazy, ogc, rich_user
from wallets.models import LedgerAccount, UnfoldedEntry
from wallets.services.lazy import lazy_accounts_fold

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


@pytest.fixture
def pop(api: ApiClient) -> Any:
    """Somebody with 5 in the row and 3 that wait; `paid` is the transfer that brought them."""
    ann, pop = rich_user(10), rich_user(5)
    make_lazy(pop)
    body = {"to": pop.public_id, "amount": "3"}
    pop.paid = api.as_user(ann).post("wallet/transfer", body, key=uuid7()).json()["id"]
    pop.giver = ann
    row = LedgerAccount.objects.get(wallet=pop.wallet, kind="available")
    assert (row.balance, waiting(pop)) == (ogc(5), 1)
    return pop


def waiting(user: Any) -> int:
    return UnfoldedEntry.objects.filter(account__wallet=user.wallet).count()


def path_of(url: str) -> str:
    return url.partition("/api/v1/")[2]


def test_reads_count_them_and_fold_nothing(api: ApiClient, pop: Any) -> None:
    client, finance = api.as_user(pop), api.as_user(staff("finance"))
    now = clock.now().isoformat().replace("+00:00", "Z")
    assert client.get("wallet").json()["balances"]["available"] == "8"
    at = client.get(f"wallet/balance-at?at={now}").json()
    assert (at["balances"]["available"], at["results"][0]["balance_after"]) == ("8", "8")
    statement = orjson.loads(b"".join(client.get("wallet/statement")))
    assert (statement["closing_balance"], statement["entries"][-1]["balance_after"]) == ("8", "8")
    shown = client.get(f"wallet/transactions/{pop.paid}").json()
    assert shown["entries"] == [{"account": "available", "amount": "3", "balance_after": "8"}]
    found = finance.get(f"admin/wallets?user={pop.email}").json()["results"]
    assert [wallet["balances"]["available"] for wallet in found] == ["8"]
    assert waiting(pop) == 1


def test_a_dry_run_counts_them_and_folds_nothing(api: ApiClient, pop: Any) -> None:
    for amount, refusal in (("8", None), ("8.1", "INSUFFICIENT_BALANCE")):
        body = {"to": pop.giver.public_id, "amount": amount, "dry_run": True}
        told = api.as_user(pop).post("wallet/transfer", body).json()
        assert (told["available"], told["refusal"]) == ("8", refusal)
    assert waiting(pop) == 1


def test_they_can_be_sent(api: ApiClient, pop: Any, assert_whole: Any) -> None:
    client = api.as_user(pop)
    refused = client.post("wallet/transfer", {"to": pop.giver.email, "amount": "8.1"}, key=uuid7())
    assert (error_code(refused), balance_of(pop)) == ("INSUFFICIENT_BALANCE", ogc(8))
    sent = client.post("wallet/transfer", {"to": pop.giver.email, "amount": "8"}, key=uuid7())
    assert sent.json()["entries"] == [{"account": "available", "amount": "-8", "balance_after": "0"}]
    assert_whole()


def test_staff_take_them_and_undo_them(api: ApiClient, pop: Any, assert_whole: Any) -> None:
    finance = api.as_user(staff("finance"))
    assert error_code(adjust(finance, pop, "-8.1")) == "INSUFFICIENT_BALANCE"
    taken = adjust(finance, pop, "-6").json()
    assert taken["entries"] == [{"account": "available", "amount": "-6", "balance_after": "2"}]
    assert error_code(reverse(finance, pop.paid)) == "INSUFFICIENT_BALANCE"
    given = adjust(finance, pop, "4").json()
    assert given["entries"] == [{"account": "available", "amount": "4", "balance_after": "6"}]
    assert reverse(finance, pop.paid).status_code == 201
    assert (balance_of(pop), balance_of(pop.giver)) == (ogc(3), ogc(10))
    assert wallet_of(pop).status == "active"
    assert_whole()


def test_pages_go_on_where_they_were_when_folding_comes_between(api: ApiClient, pop: Any) -> None:
    client, giver = api.as_user(pop), api.as_user(pop.giver)
    for _ in range(5):
        giver.post("wallet/transfer", {"to": pop.public_id, "amount": "0.1"}, key=uuid7())
    now = clock.now().isoformat().replace("+00:00", "Z")
    first = client.get(f"wallet/balance-at?at={now}&page_size=2").json()
    second = client.get(path_of(first["next"])).json()
    assert waiting(pop) == 6
    lazy_accounts_fold()
    assert waiting(pop) == 0
    assert client.get(path_of(first["next"])).json()["results"] == second["results"]
    assert client.get(path_of(second["previous"])).json()["results"] == first["results"]
    third = client.get(path_of(second["next"])).json()
    pages = [first, second, third]
    after = [line["balance_after"] for page in pages for line in page["results"]]
    assert after == ["8.5", "8.4", "8.3", "8.2", "8.1", "8"]
