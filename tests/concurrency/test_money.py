"""Many real connections at once: no balance is spent twice, no key moves money twice, nothing is lost."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from ogc import redis
from ogc.models import DomainEvent
from tests.api_client import ApiClient, error_code
from tests.concurrency.waiting import wait_until_somebody_waits
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.locks import lock_wallet
from wallets.models import Transaction, Wallet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.concurrency,
    pytest.mark.usefixtures("whole_ledger"),
]

CONNECTIONS = 50


def at_once(work: Callable[[int], Any], count: int = CONNECTIONS) -> list[Any]:
    """Run `work(number)` in as many threads, each with a connection of its own, started together."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        connection.ensure_connection()
        barrier.wait(30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def transfer(sender: ApiClient, to: User, amount: str, key: str) -> Any:
    return sender.post("wallet/transfer", {"to": to.public_id, "amount": amount}, key=key)


def test_fifty_connections_never_overspend_one_balance() -> None:
    ann = rich_user(20)
    others = [rich_user(0) for _ in range(5)]
    ann_client = ApiClient().as_user(ann)

    answers = at_once(lambda n: transfer(ann_client, others[n % 5], "1.5", f"spend-{n}"))

    codes = Counter(response.status_code for response in answers)
    assert codes == {201: 13, 402: 37}
    assert {error_code(response) for response in answers if response.status_code == 402} == {
        "INSUFFICIENT_BALANCE"
    }
    assert balance_of(ann) == ogc(0.5)
    assert sum(balance_of(user) for user in others) == ogc(19.5)
    assert Transaction.objects.filter(type="transfer").count() == 13
    assert DomainEvent.objects.filter(name="wallets.transfer_settled").count() == 13


def test_fifty_equal_calls_with_one_key_move_money_once() -> None:
    ann, bob = rich_user(100), rich_user(0)
    ann_client = ApiClient().as_user(ann)

    answers = at_once(lambda _: transfer(ann_client, bob, "1", "one-key"))

    outcomes = Counter(
        response.status_code if response.status_code == 201 else error_code(response) for response in answers
    )
    assert outcomes[201] >= 1
    assert set(outcomes) <= {201, "IDEMPOTENCY_IN_PROGRESS"}
    assert len({response.content for response in answers if response.status_code == 201}) == 1
    assert (balance_of(ann), balance_of(bob)) == (ogc(99), ogc(1))
    assert Transaction.objects.filter(type="transfer").count() == 1

    again = transfer(ann_client, bob, "1", "one-key")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert balance_of(bob) == ogc(1)


def test_the_unique_row_decides_when_redis_forgets(valkey_server: Any) -> None:
    """The claims in Redis are gone: still one key, one move."""
    ann, bob = rich_user(100), rich_user(0)
    ann_client = ApiClient().as_user(ann)
    valkey_server.stop()
    try:
        answers = at_once(lambda _: transfer(ann_client, bob, "1", "no-redis"))
    finally:
        valkey_server.start()
        redis.client().connection_pool.disconnect()
    assert {response.status_code for response in answers} == {201}
    assert len({response.content for response in answers}) == 1
    assert (balance_of(ann), balance_of(bob)) == (ogc(99), ogc(1))


def test_crossing_transfers_conserve_every_base_unit() -> None:
    """Everybody pays everybody at once, in both directions: no deadlock is answered, nothing is lost."""
    people = [rich_user(10) for _ in range(8)]
    clients = [ApiClient().as_user(user) for user in people]

    def spend(number: int) -> Counter[Any]:
        dice = random.Random(number)
        seen: Counter[Any] = Counter()
        for turn in range(6):
            giver, receiver = dice.sample(range(8), 2)
            amount = f"0.{dice.randint(1, 999_999_999):09d}".rstrip("0")
            response = transfer(clients[giver], people[receiver], amount, f"cross-{number}-{turn}")
            seen[response.status_code] += 1
        return seen

    seen = sum(at_once(spend, 25), Counter())
    assert set(seen) <= {201, 402}
    assert seen[201] > 100
    assert sum(balance_of(user) for user in people) == ogc(80)
    assert all(balance_of(user) >= 0 for user in people)


def test_a_transfer_that_waited_for_a_freeze_is_refused() -> None:
    """What waits behind a freeze must see it: the status as it is, not as it was before the wait."""
    ann, bob = rich_user(10), rich_user(0)
    ann_client = ApiClient().as_user(ann)
    locked = Event()

    def freeze() -> None:
        with transaction.atomic():
            wallet = lock_wallet(Wallet.objects.filter(user=ann))
            locked.set()
            wait_until_somebody_waits()
            wallet.status, wallet.freeze_cause = "frozen", "person"
            wallet.save(update_fields=["status", "freeze_cause"])
        connection.close()

    def pay() -> Any:
        locked.wait(30)
        try:
            return transfer(ann_client, bob, "1", "behind")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        freezing, paying = pool.submit(freeze), pool.submit(pay)
        freezing.result()
        response = paying.result()
    assert (response.status_code, error_code(response)) == (409, "WALLET_FROZEN")
    assert balance_of(bob) == 0
