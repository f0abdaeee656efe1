"""GET /wallet/statement and /wallet/balance-at: every entry, and balances that agree with a recount."""

import csv
import io
import os
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ogc import clock
from ogc.actors import Actor
from ogc.amounts import format_amount, parse_signed_amount
from ogc.ids import uuid7
from tests.api_client import ApiClient, error_code
from tests.factories.wallets import balance_of, rich_user
from wallets.api import statement_files
from wallets.constants import POST_MANY_MAX, WALLET_KINDS, PostingKind
from wallets.models import Entry, LedgerAccount
from wallets.services.posting import Leg, PostingDraft, TransactionDraft, post_many
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

SCALE = max(0.1, float(os.environ.get("SCALE", "1")))
START = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _start() -> None:
    """Platform time begins at START; the suite puts it back."""
    clock.apply_offset(START - clock.real_now())


def pay(giver: User, taker: User, amount: int, memo: str = "") -> None:
    actor = Actor(kind="user", user_id=giver.public_id, scopes=frozenset({"self"}))
    transfer_settle(actor=actor, to=taker.public_id, amount=amount, memo=memo)


def pay_many(giver: User, taker: User, count: int) -> None:
    """One payment after another of one base unit each, written as fast as can be."""
    for start in range(0, count, POST_MANY_MAX):
        drafts = []
        for _ in range(start, min(start + POST_MANY_MAX, count)):
            key = uuid7()
            legs = [Leg(f"user:{giver.public_id}:available", -1), Leg(f"user:{taker.public_id}:available", 1)]
            postings = [PostingDraft(PostingKind.POST, f"transfer:{key}", legs)]
            parties = {"sender_pk": giver.wallet.pk, "recipient_pk": taker.wallet.pk}
            drafts.append(
                TransactionDraft("transfer", 1, **parties, memo="=1+1", postings=postings, public_id=key)
            )
        with transaction.atomic():
            post_many(drafts)


def history(later: Callable[..., None], payments: int, *, is_lazy: bool = False) -> tuple[User, User]:
    """Two people who pay each other now and then, minutes to days apart."""
    chance = random.Random(payments)
    ann, bob = rich_user(100), rich_user(100, name="=Bob")
    if is_lazy:
        LedgerAccount.objects.filter(wallet=ann.wallet, kind="available").update(lazy=True)
    for number in range(payments):
        later(minutes=chance.choice([0, 1, 30, 2000]))
        giver, taker = (ann, bob) if chance.random() < 0.5 else (bob, ann)
        pay(giver, taker, chance.randint(1, 10**9), memo=f"@{number}")
    return ann, bob


def entries_of(user: User) -> list[tuple[datetime, str, int]]:
    rows = Entry.objects.filter(account__wallet=user.wallet).order_by("pk")
    return list(rows.values_list("posting__created_at", "account__kind", "amount"))


def recount(user: User, until: datetime, *, inclusive: bool) -> int:
    return sum(amount for at, _, amount in entries_of(user) if at < until or (inclusive and at == until))


def body_of(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    body: dict[str, Any] = orjson.loads(b"".join(response))
    return body


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("is_lazy", [False, True])
def test_a_statement_agrees_with_a_recount_whatever_its_period(
    api: ApiClient, later: Callable[..., None], is_lazy: bool
) -> None:
    ann, _ = history(later, 70, is_lazy=is_lazy)
    client, chance = api.as_user(ann), random.Random(7)
    times = [at for at, _, _ in entries_of(ann)]
    for _ in range(12):
        since, until = sorted(chance.sample(times, 2))
        if chance.random() < 0.5:
            since -= timedelta(seconds=1)
        if since == until:
            continue
        body = body_of(client.get(f"wallet/statement?from={iso(since)}&to={iso(until)}"))
        assert body["opening_balance"] == format_amount(recount(ann, since, inclusive=False))
        assert body["closing_balance"] == format_amount(recount(ann, until, inclusive=False))
        amounts = [parse_signed_amount(line["amount"]) for line in body["entries"]]
        assert amounts == [amount for at, _, amount in entries_of(ann) if since <= at < until]
        opening = parse_signed_amount(body["accounts"]["available"]["opening"]) if amounts else 0
        for amount, line in zip(amounts, body["entries"], strict=True):
            opening += amount
            assert line["balance_after"] == format_amount(opening)


def test_a_statement_says_who_and_why(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0, name="Bob")
    pay(ann, bob, 5, memo="Lunch")
    response = api.as_user(ann).get("wallet/statement")
    assert response["Cache-Control"] == "no-store"
    body = body_of(response)
    assert list(body) == ["from", "to", "opening_balance", "entries", "closing_balance", "accounts"]
    faucet, paid = body["entries"]
    assert faucet["cause"] == {"kind": "faucet", "id": faucet["transaction"]}
    assert (paid["direction"], paid["type"], paid["posting"], paid["memo"]) == (
        "out", "transfer", "post", "Lunch",
    )  # fmt: skip
    assert paid["counterparty"] == {"kind": "user", "id": bob.public_id, "name": "Bob"}
    assert body["accounts"]["pending"] == {"opening": "0", "closing": "0"}


def test_filters_narrow_the_entries_and_never_the_balances(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(5)
    pay(ann, bob, 10)
    pay(bob, ann, 3)
    client = api.as_user(ann)
    whole = body_of(client.get("wallet/statement"))
    for query, count in (
        ("direction=out", 1), ("direction=in", 2), ("type=transfer", 2), ("type=reward", 0),
        ("account=reserved", 0), ("account=available", 3),
    ):  # fmt: skip
        body = body_of(client.get(f"wallet/statement?{query}"))
        assert len(body["entries"]) == count, query
        for name in ("opening_balance", "closing_balance", "accounts"):
            assert body[name] == whole[name]


def test_the_same_as_csv_with_formulas_made_harmless(api: ApiClient, later: Callable[..., None]) -> None:
    ann, _ = history(later, 6)
    query = f"from={iso(START)}&to={iso(clock.now() + timedelta(minutes=1))}"
    body = body_of(api.as_user(ann).get(f"wallet/statement?{query}"))
    response = api.as_user(ann).get(f"wallet/statement?{query}&format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    ends = ((rows[0], "opening_balance", "from"), (rows[-1], "closing_balance", "to"))
    for row, name, end in ends:
        assert (row["type"], row["balance_after"], row["created_at"]) == (name, body[name], body[end])
    for row, line in zip(rows[1:-1], body["entries"], strict=True):
        for name in ("created_at", "transaction", "type", "account", "amount", "balance_after", "direction"):
            assert row[name] == line[name]
        assert row["memo"] == (f"'{line['memo']}" if line["memo"] else "")
    assert {row["counterparty"] for row in rows[2:-1]} == {"'=Bob"}


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday", "to=2026-01-01", "format=pdf", "direction=up", "type=bribe", "account=treasury",
        "from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_statements_of_nothing_sensible_are_refused(api: ApiClient, query: str) -> None:
    assert error_code(api.as_user(rich_user(1)).get(f"wallet/statement?{query}")) == "VALIDATION_ERROR"


def test_each_sees_their_own(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    assert body_of(api.as_user(bob).get("wallet/statement"))["entries"] == []
    assert len(body_of(api.as_user(ann).get("wallet/statement"))["entries"]) == 1
    for path in ("wallet/statement", f"wallet/balance-at?at={iso(START)}"):
        assert api.get(path).status_code == 401


@pytest.mark.parametrize("is_lazy", [False, True])
def test_a_balance_is_what_it_was_at_any_moment(
    api: ApiClient, later: Callable[..., None], is_lazy: bool
) -> None:
    ann, _ = history(later, 60, is_lazy=is_lazy)
    client = api.as_user(ann)
    moments = [*[at for at, _, _ in entries_of(ann)][::7], START - timedelta(days=1), clock.now()]
    for moment in moments:
        body = client.get(f"wallet/balance-at?at={iso(moment)}").json()
        assert body["balances"]["total"] == format_amount(recount(ann, moment, inclusive=True))
        assert set(body["balances"]) == {*(kind.value for kind in WALLET_KINDS), "total"}
        if body["results"]:
            assert body["results"][0]["balance_after"] == body["balances"]["available"]
    assert parse_signed_amount(body["balances"]["available"]) == balance_of(ann)


@pytest.mark.parametrize("is_lazy", [False, True])
def test_the_entries_behind_a_balance_are_paged_both_ways(
    api: ApiClient, later: Callable[..., None], is_lazy: bool
) -> None:
    ann, _ = history(later, 60, is_lazy=is_lazy)
    client = api.as_user(ann)
    at = [moment for moment, _, _ in entries_of(ann)][45]
    expected = [format_amount(amount) for moment, _, amount in entries_of(ann) if moment <= at][::-1]
    url, seen, pages = f"wallet/balance-at?at={iso(at)}&page_size=7", [], []
    while url:
        body = client.get(url).json()
        pages.append([line["amount"] for line in body["results"]])
        seen += pages[-1]
        previous, url = body["previous"], body["next"] and body["next"].partition("/api/v1/")[2]
    assert seen == expected
    back = client.get(previous.partition("/api/v1/")[2]).json()
    assert [line["amount"] for line in back["results"]] == pages[-2]
    assert error_code(client.get(f"wallet/balance-at?at={iso(at)}&cursor=nonsense")) == "CURSOR_INVALID"


@pytest.mark.parametrize("query", ["", "at=now", "at=2026-01-01T00:00:00Z&account=treasury"])
def test_moments_that_are_none_are_refused(api: ApiClient, query: str) -> None:
    assert error_code(api.as_user(rich_user(1)).get(f"wallet/balance-at?{query}")) == "VALIDATION_ERROR"


@pytest.mark.parametrize(("is_lazy", "cost"), [(False, 3), (True, 7)])
def test_the_number_of_queries_does_not_grow_with_the_history(
    api: ApiClient, later: Callable[..., None], is_lazy: bool, cost: int
) -> None:
    """The moment, the sums up to it, the page; of a lazy account two more for each of the last two."""
    costs = []
    for payments in (1, 50):
        ann, _ = history(later, payments, is_lazy=is_lazy)
        client = api.as_user(ann)
        for path in (f"balance-at?at={iso(clock.now())}&page_size=50", f"statement?from={iso(START)}"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"wallet/{path}").status_code == 200
            costs.append(len(queries))
    assert max(costs) <= cost, costs


def test_a_long_statement_takes_no_more_memory_than_a_short_one(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 entries against 1,000. All lines of the long one at once would be more than 10 MB."""
    monkeypatch.setattr(statement_files, "MEMORY_BYTES", 10_000)
    count, peaks = int(10_000 * SCALE), []
    ann, bob = rich_user(1), rich_user(1)
    for part in (count // 10, count - count // 10):
        pay_many(ann, bob, part)
        client = api.as_user(bob)
        tracemalloc.start()
        response = client.get("wallet/statement")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        found = b"".join(response).count(b'"posting"')
    assert found == count + 1
    assert peaks[1] < peaks[0] + 2_000_000, peaks


def test_books_are_right_when_nothing_was_ever_moved(api: ApiClient) -> None:
    nobody = rich_user(0)
    body = api.as_user(nobody).get(f"wallet/balance-at?at={iso(clock.now())}").json()
    assert (body["balances"]["total"], body["results"]) == ("0", [])
