"""How much and how often people may give, and what a dry run says about it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from ogc.models import DomainEvent, IdempotencyRecord
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import UserFactory
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import Entry, Outflow, Posting, Transaction
from wallets.services.transfers import transfer_settle
from wallets.services.wallets import wallet_freeze

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def send(client: ApiClient, to: str, amount: str = "1", **more: Any) -> Any:
    return client.post("wallet/transfer", {"to": to, "amount": amount, **more}, key=uuid7())


def dry(client: ApiClient, to: str, amount: str = "1", **more: Any) -> Any:
    return client.post("wallet/transfer", {"to": to, "amount": amount, "dry_run": True, **more})


def everything() -> tuple[int, ...]:
    models = (Transaction, Posting, Entry, DomainEvent, IdempotencyRecord, Outflow)
    return tuple(model.objects.count() for model in models)


@pytest.fixture
def noon() -> datetime:
    """Platform time is in the middle of an hour of some day to come; the suite puts it back."""
    at = datetime(2031, 3, 4, 12, 30, tzinfo=UTC)
    clock.apply_offset(at - clock.real_now())
    return at


def test_the_database_counts_what_a_wallet_gives(api: ApiClient, noon: datetime) -> None:
    ann, bob = rich_user(10), rich_user(0)
    for amount in ("1", "2.5"):
        assert send(api.as_user(ann), bob.public_id, amount).status_code == 201
    row = Outflow.objects.get()
    assert (row.wallet, row.hour, row.day) == (ann.wallet, "2031-03-04 12", "2031-03-04")
    assert (row.hour_amount, row.hour_count) == (ogc(3.5), 2) == (row.day_amount, row.day_count)


def test_another_hour_begins_anew_and_the_day_goes_on(
    api: ApiClient, noon: datetime, later: Callable[..., None]
) -> None:
    ann, bob = rich_user(10), rich_user(0)
    send(api.as_user(ann), bob.public_id, "1")
    for hours, expected in ((1, (2, 1, 3, 2)), (24, (3, 1, 3, 1))):
        later(hours=hours)
        send(api.as_user(ann), bob.public_id, str(expected[0]))
        row = Outflow.objects.get()
        amounts = (ogc(expected[0]), expected[1], ogc(expected[2]), expected[3])
        assert (row.hour_amount, row.hour_count, row.day_amount, row.day_count) == amounts


@pytest.mark.parametrize(
    ("setting", "value", "name", "left"),
    [
        ("TRANSFER_LIMIT_USER_HOUR", ogc(5), "user_hour", "1"),
        ("TRANSFER_LIMIT_USER_DAY", ogc(5), "user_day", "1"),
        ("TRANSFER_COUNT_USER_HOUR", 2, "user_hour_count", "0"),
        ("TRANSFER_COUNT_USER_DAY", 2, "user_day_count", "0"),
    ],
)
def test_each_limit_refuses_and_says_what_is_left(
    api: ApiClient, settings: Any, noon: datetime, setting: str, value: int, name: str, left: str
) -> None:
    setattr(settings, setting, value)
    ann, bob = rich_user(100), rich_user(0)
    client = api.as_user(ann)
    for _ in range(2):
        assert send(client, bob.public_id, "2").status_code == 201
    before = everything()
    refused = send(client, bob.public_id, "2")
    assert refused.status_code == 403
    assert error_code(refused) == "LIMIT_EXCEEDED"
    assert refused.json()["error"]["details"] == {"limit": name, "left": left}
    # The refusal itself is stored under its key, and nothing else.
    assert everything() == (*before[:4], before[4] + 1, before[5])
    assert balance_of(bob) == ogc(4)


def test_others_and_what_is_received_do_not_count(api: ApiClient, settings: Any, noon: datetime) -> None:
    settings.TRANSFER_LIMIT_USER_HOUR = ogc(5)
    ann, bob = rich_user(10), rich_user(10)
    assert send(api.as_user(ann), bob.public_id, "5").status_code == 201
    assert send(api.as_user(bob), ann.public_id, "5").status_code == 201
    assert error_code(send(api.as_user(bob), ann.public_id, "0.000000001")) == "LIMIT_EXCEEDED"


def test_a_dry_run_tells_everything_and_writes_nothing(api: ApiClient, settings: Any, noon: datetime) -> None:
    settings.TRANSFER_LIMIT_USER_HOUR = ogc(5)
    ann, bob = rich_user(10), rich_user(0)
    client = api.as_user(ann)
    send(client, bob.public_id, "2")
    before = everything()
    response = dry(client, bob.public_id, "2.5", memo="Lunch")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert body["limits"][0] == {
        "name": "user_hour", "unit": "OGC", "limit": "5", "used": "2", "left": "3", "ok": True
    }  # fmt: skip
    assert body["limits"][2]["unit"] == "moves"
    assert {name: body[name] for name in body if name != "limits"} == {
        "dry_run": True, "type": "transfer", "amount": "2.5", "fee": "0", "total": "2.5", "available": "8",
        "approval_needed": False, "step_up_needed": False, "expected_seconds": 0, "refusal": None,
    }  # fmt: skip
    assert everything() == before
    # A key is neither needed nor used up.
    key = uuid7()
    client.post("wallet/transfer", {"to": bob.public_id, "amount": "1", "dry_run": True}, key=key)
    real = client.post("wallet/transfer", {"to": bob.public_id, "amount": "1"}, key=key)
    assert real.status_code == 201


def test_a_dry_run_takes_one_statement_however_much_was_given(api: ApiClient) -> None:
    ann, bob = rich_user(100), rich_user(0)
    client = api.as_user(ann)
    giver = Actor(kind="user", user_id=ann.public_id)
    for transfers in (1, 49):
        for _ in range(transfers):
            transfer_settle(actor=giver, to=bob.public_id, amount=ogc(0.1))
        for to in (bob.public_id, bob.email):
            with CaptureQueriesContext(connection) as queries:
                assert dry(client, to).status_code == 200
            # Inside a test's transaction BEGIN and COMMIT are a savepoint and its release.
            assert len(queries) == 3, [query["sql"] for query in queries]


def test_a_dry_run_says_with_what_it_would_be_refused(api: ApiClient, settings: Any) -> None:
    settings.TRANSFER_LIMIT_USER_HOUR = ogc(50)
    ann, bob = rich_user(10), rich_user(0)
    client = api.as_user(ann)
    assert dry(client, bob.public_id, "11").json()["refusal"] == "INSUFFICIENT_BALANCE"
    over = dry(client, bob.public_id, "51").json()
    assert over["refusal"] == "LIMIT_EXCEEDED"
    assert [limit["ok"] for limit in over["limits"]] == [False, True, True, True]
    for to, code in (
        (ann.public_id, "RECIPIENT_SELF"),
        (uuid7(), "RECIPIENT_NOT_FOUND"),
        (UserFactory(unverified=True).email, "RECIPIENT_NOT_FOUND"),
    ):
        assert error_code(dry(client, to)) == code
    assert error_code(dry(client, bob.public_id, "0")) == "INVALID_AMOUNT"
    wallet_freeze(actor=SYSTEM, wallet_id=ann.wallet.public_id, reason="test")
    assert error_code(dry(client, bob.public_id)) == "WALLET_FROZEN"


def test_only_true_is_a_dry_run(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    body = {"to": bob.public_id, "amount": "1"}
    for wrong in ("true", 1, None):
        response = api.as_user(ann).post("wallet/transfer", body | {"dry_run": wrong}, key=uuid7())
        assert error_code(response) == "VALIDATION_ERROR"
    assert error_code(api.as_user(ann).post("wallet/transfer", body | {"dry_run": False})) == (
        "IDEMPOTENCY_KEY_REQUIRED"
    )
    assert balance_of(bob) == 0


def test_a_dry_run_of_a_withdrawal_names_fee_limits_and_approval(api: ApiClient, settings: Any) -> None:
    settings.WITHDRAWAL_FEE = ogc(0.5)
    ann = rich_user(2000)
    before = everything()
    small = dry(api.as_user(ann), ADDRESS, "20").json()
    assert (small["type"], small["fee"], small["total"]) == ("withdrawal", "0.5", "20.5")
    assert [limit["name"] for limit in small["limits"]] == ["per_transaction", "user_day", "platform_day"]
    assert (small["approval_needed"], small["step_up_needed"], small["refusal"]) == (False, False, None)
    assert small["expected_seconds"] > 0
    large = dry(api.as_user(ann), ADDRESS, "1500").json()
    assert (large["approval_needed"], large["step_up_needed"]) == (True, True)
    assert dry(api.as_user(ann), ADDRESS, "10001").json()["refusal"] == "LIMIT_EXCEEDED"
    assert dry(api.as_user(ann), ADDRESS, "2000").json()["refusal"] == "INSUFFICIENT_BALANCE"
    assert everything() == before


@pytest.mark.parametrize(
    "memo",
    [
        "x" * 141,
        "a\nb",
        "a\u202eb",
        "a\u2066b",
        "a\u200bb",
        "\u3164",
        "a\u2800b",
        "a\ufeffb",
        "a\u0007b",
        "a\u2028b",
        "a\ue000b",
        5,
        None,
    ],
)
def test_memos_that_hide_something_are_refused(api: ApiClient, memo: Any) -> None:
    ann, bob = rich_user(10), rich_user(0)
    response = send(api.as_user(ann), bob.public_id, memo=memo)
    assert response.status_code == 400
    assert "memo" in response.json()["error"]["details"]
    assert balance_of(bob) == 0


@pytest.mark.parametrize(
    ("memo", "kept"),
    [
        ("  Lunch  ", "Lunch"),
        ("e\u0301", "é"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("x" * 140, "x" * 140),
        ("", ""),
    ],
)
def test_memos_are_kept_in_one_spelling(api: ApiClient, memo: str, kept: str) -> None:
    ann, bob = rich_user(10), rich_user(0)
    assert send(api.as_user(ann), bob.public_id, memo=memo).json()["memo"] == kept
