"""POST /wallet/transfer inside the platform: what moves, each refusal, and once per key."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ogc import clock
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import UserFactory
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import Entry, Posting, Transaction, Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

MISSPELT = "0xD8da6BF26964aF9D7eEd9e03E53415D37aA960AA"


def send(client: ApiClient, to: str, amount: Any = "1", key: str | None = None, **more: Any) -> Any:
    return client.post("wallet/transfer", {"to": to, "amount": amount, **more}, key=key or uuid7())


def written() -> tuple[int, int, int, int]:
    transfers = DomainEvent.objects.filter(name="wallets.transfer_settled")
    return Transaction.objects.count(), Posting.objects.count(), Entry.objects.count(), transfers.count()


def test_a_transfer_moves_at_once_and_says_what_it_did(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(1, name="Bob")
    response = send(api.as_user(ann), bob.public_id, "2.5", memo="Lunch")
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert body == api.as_user(ann).get(f"wallet/transactions/{body['id']}").json()
    assert body["entries"] == [{"account": "available", "amount": "-2.5", "balance_after": "7.5"}]
    assert (balance_of(ann), balance_of(bob)) == (ogc(7.5), ogc(3.5))
    event = DomainEvent.objects.get(name="wallets.transfer_settled")
    assert event.payload == {
        "transaction_id": body["id"],
        "sender_id": ann.public_id,
        "recipient_id": bob.public_id,
        "amount": ogc(2.5),
    }
    assert Posting.objects.get(source_key=f"transfer:{body['id']}").kind == "post"


def test_an_address_names_its_owner_however_it_is_written(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0, email="bob@example.org")
    for written_address in ("bob@example.org", " BOB@Example.org "):
        assert send(api.as_user(ann), written_address, "1").status_code == 201
    assert balance_of(bob) == ogc(2)


def test_a_transfer_takes_eight_statements(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    client = api.as_user(ann)
    send(client, bob.public_id)
    for to in (bob.public_id, bob.email):
        with CaptureQueriesContext(connection) as queries:
            assert send(client, to).status_code == 201
        # Inside a test's transaction BEGIN and COMMIT are a savepoint and its release.
        assert len(queries) == 8, [query["sql"] for query in queries]


def test_everything_can_be_sent_and_not_one_base_unit_more(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    before = written()
    response = send(api.as_user(ann), bob.public_id, "10.000000001")
    assert (response.status_code, error_code(response)) == (402, "INSUFFICIENT_BALANCE")
    assert written() == before
    assert send(api.as_user(ann), bob.public_id, "10").status_code == 201
    assert (balance_of(ann), balance_of(bob)) == (0, ogc(10))


@pytest.mark.parametrize(
    "amount",
    [
        "-1", "0", "0.0000000001", "1e3", "NaN", "Infinity", "", "01", "+1", " 1", "1,5", "500000000.1",
        5, 1.5, None, True, ["1"], {"amount": "1"},
    ],
)  # fmt: skip
def test_a_bad_amount_is_refused(api: ApiClient, amount: Any) -> None:
    ann, bob = rich_user(10), rich_user(0)
    before = written()
    response = send(api.as_user(ann), bob.public_id, amount)
    assert (response.status_code, error_code(response)) == (400, "INVALID_AMOUNT")
    assert written() == before


def test_nobody_pays_themselves(api: ApiClient) -> None:
    ann = rich_user(10)
    for to in (ann.public_id, ann.email, ann.email.upper()):
        response = send(api.as_user(ann), to)
        assert (response.status_code, error_code(response)) == (400, "RECIPIENT_SELF")
    assert balance_of(ann) == ogc(10)


def test_who_can_not_receive_is_not_found(api: ApiClient) -> None:
    client = api.as_user(rich_user(10))
    closed = rich_user(0)
    Wallet.objects.filter(user=closed).update(status="closed")
    unable = [
        UserFactory(unverified=True),
        UserFactory(suspended=True),
        UserFactory(wallet=False),
        closed,
    ]
    names = [name for user in unable for name in (user.public_id, user.email)]
    before = written()
    for to in [*names, uuid7(), "nobody@example.org", "nonsense", "treasury", "@"]:
        response = send(client, to)
        assert (response.status_code, error_code(response)) == (404, "RECIPIENT_NOT_FOUND"), to
    assert written() == before


def test_a_suspension_that_is_over_does_not_count(api: ApiClient) -> None:
    from datetime import timedelta

    from ogc import clock

    ann, bob = rich_user(10), rich_user(0)
    User.objects.filter(pk=bob.pk).update(
        status="suspended", suspended_until=clock.now() + timedelta(minutes=1)
    )
    assert send(api.as_user(ann), bob.public_id).status_code == 404
    User.objects.filter(pk=bob.pk).update(suspended_until=clock.now() - timedelta(seconds=1))
    assert send(api.as_user(ann), bob.public_id).status_code == 201


def test_a_frozen_wallet_receives_but_does_not_give(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(5)
    Wallet.objects.filter(user=ann).update(status="frozen", freeze_cause="person")
    response = send(api.as_user(ann), bob.public_id)
    assert (response.status_code, error_code(response)) == (409, "WALLET_FROZEN")
    assert send(api.as_user(bob), ann.public_id).status_code == 201
    assert (balance_of(ann), balance_of(bob)) == (ogc(11), ogc(4))


def test_only_verified_people_move_money(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    User.objects.filter(pk=ann.pk).update(email_verified_at=None)
    response = send(api.as_user(ann), bob.public_id)
    assert (response.status_code, error_code(response)) == (403, "EMAIL_NOT_VERIFIED")


def test_new_terms_are_accepted_first(api: ApiClient, settings: Any) -> None:
    ann, bob = rich_user(10), rich_user(0)
    settings.TERMS_VERSION = "2027-01"
    key = uuid7()
    response = send(api.as_user(ann), bob.public_id, key=key)
    assert (response.status_code, error_code(response)) == (409, "TERMS_ACCEPTANCE_REQUIRED")
    assert api.as_user(ann).post("auth/terms", {"version": "2027-01"}).status_code == 204
    assert send(api.as_user(ann), bob.public_id, key=key).status_code == 201


def test_a_key_is_needed_and_moves_money_once(api: ApiClient) -> None:
    ann, bob = rich_user(10), rich_user(0)
    client = api.as_user(ann)
    response = client.post("wallet/transfer", {"to": bob.public_id, "amount": "1"})
    assert (response.status_code, error_code(response)) == (422, "IDEMPOTENCY_KEY_REQUIRED")

    first, second = send(client, bob.public_id, key="once"), send(client, bob.public_id, key="once")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    other = send(client, bob.public_id, "2", key="once")
    assert (other.status_code, error_code(other)) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert balance_of(bob) == ogc(1)


def test_a_refusal_is_remembered_under_its_key(api: ApiClient) -> None:
    ann, bob = rich_user(1), rich_user(50)
    refused = send(api.as_user(ann), bob.public_id, "20", key="poor")
    assert refused.status_code == 402
    send(api.as_user(bob), ann.public_id, "50")
    again = send(api.as_user(ann), bob.public_id, "20", key="poor")
    assert (again.status_code, again["Idempotent-Replayed"]) == (402, "true")
    assert send(api.as_user(ann), bob.public_id, "20", key="rich").status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"amount": "1"},
        {"to": "", "amount": "1"},
        {"to": 5, "amount": "1"},
        {"to": "x" * 300, "amount": "1"},
        {"to": "0x" + "12" * 10, "amount": "1"},
        {"to": MISSPELT, "amount": "1"},
        {"to": "bob@example.org", "amount": "1", "memo": "x" * 141},
        {"to": "bob@example.org", "amount": "1", "memo": "a\x00b"},
        {"to": "bob@example.org", "amount": "1", "fee": "0"},
        {"to": "bob@example.org", "amount": "1", "memo": None},
    ],
)
def test_a_body_of_another_shape_is_refused(api: ApiClient, body: dict[str, Any]) -> None:
    response = api.as_user(rich_user(10)).post("wallet/transfer", body, key=uuid7())
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("to", ["0x", "0xD8da", MISSPELT, MISSPELT.lower() + "0"])
def test_whether_somebody_may_give_comes_before_the_address(api: ApiClient, settings: Any, to: str) -> None:
    ann = rich_user(10)
    client = api.as_user(ann)
    settings.STEP_UP_WITHDRAWAL_FROM = ogc(1)
    assert error_code(send(client, to, "1")) == "STEP_UP_REQUIRED"
    User.objects.filter(pk=ann.pk).update(email_verified_at=None)
    assert error_code(send(client, to, "1")) == "EMAIL_NOT_VERIFIED"
    User.objects.filter(pk=ann.pk).update(email_verified_at=clock.now())
    refused = send(client, to, "0.5")
    assert (error_code(refused), list(refused.json()["error"]["details"])) == ("VALIDATION_ERROR", ["to"])
    assert balance_of(ann) == ogc(10)


def test_nobody_signed_in_moves_nothing(api: ApiClient) -> None:
    response = send(api, rich_user(0).public_id)
    assert (response.status_code, error_code(response)) == (401, "NOT_AUTHENTICATED")
