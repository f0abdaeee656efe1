"""Deadlocks that somebody provokes by hand: the call succeeds or answers 503, and nothing is half written."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from ogc.actors import SYSTEM
from ogc.errors import ServiceUnavailable
from ogc.ids import uuid7
from ogc.models import ClockOffset, IdempotencyRecord
from tests.api_client import ApiClient
from tests.concurrency.waiting import wait_until_somebody_waits
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, grant, reverse, written
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import Hold, LedgerAccount, Transaction
from wallets.services.checkouts import token_checkout_hold, token_checkout_settle

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.concurrency,
    pytest.mark.usefixtures("whole_ledger"),
]

DEADLOCK = 1213
CALLS = ("transfer", "adjust", "grant", "reverse")


def account(key: str) -> QuerySet[LedgerAccount]:
    """Found by its number, as services do: otherwise rivals would stand in line in another index."""
    return LedgerAccount.objects.filter(pk=LedgerAccount.objects.get(key=key).pk)


def own(user: User, kind: str = "available") -> QuerySet[LedgerAccount]:
    return account(f"user:{user.public_id}:{kind}")


class Session:
    """Work on a connection of its own; others can see whether it waits for a lock."""

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], Any]) -> None:
        self._has_begun, self._id = Event(), 0
        self._future = pool.submit(self._run, work)

    def _run(self, work: Callable[[], Any]) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            self._id = cursor.fetchone()[0]
        self._has_begun.set()
        try:
            return work()
        finally:
            connection.close()

    def wait_until_it_waits(self) -> None:
        assert self._has_begun.wait(30)
        wait_until_somebody_waits(self._id)

    def result(self) -> Any:
        return self._future.result(60)


class Duel:
    """A call, and rivals in line for its second row; each wants the first when the call waits for it."""

    def __init__(self, call: Callable[[], Any], rows: tuple[Any, Any], *, is_heavy: bool) -> None:
        self._call, (self._first, self._second), self._is_heavy = call, rows, is_heavy
        self._holds, self._has_caller = Event(), Event()
        self._caller: Session

    def fight(self, rivals: int) -> tuple[Any, set[str]]:
        """What came of the call, and of the rivals."""
        with ThreadPoolExecutor(rivals + 1) as pool:
            line = [Session(pool, self._rival)]
            assert self._holds.wait(30)
            for _ in range(rivals - 1):
                line.append(Session(pool, self._rival))
                line[-1].wait_until_it_waits()
            self._caller = Session(pool, self._call)
            self._has_caller.set()
            return self._caller.result(), {rival.result() for rival in line}

    def _rival(self) -> str:
        try:
            with transaction.atomic():
                if self._is_heavy:
                    write_a_lot(random.Random(), 200)
                list(self._second.select_for_update())
                self._holds.set()
                assert self._has_caller.wait(30)
                self._caller.wait_until_it_waits()
                list(self._first.select_for_update())
                transaction.set_rollback(True)
                return "won"
        except OperationalError as error:
            require_deadlock(error)
            return "lost"


def write_a_lot(dice: random.Random, count: int) -> None:
    """The database gives up whoever has written less."""
    start = dice.randrange(10**9)
    rows = [ClockOffset(pk=start + number, ahead_microseconds=0) for number in range(count)]
    ClockOffset.objects.bulk_create(rows)


def require_deadlock(error: OperationalError) -> None:
    if error.args[0] != DEADLOCK:
        raise error


def call_of(name: str) -> tuple[Callable[[], Any], tuple[Any, Any]]:
    """One call over HTTP, the same each time, and the two rows that it locks one after the other."""
    ann, bob = rich_user(50), rich_user(50)
    me, finance, key = ApiClient().as_user(ann), ApiClient().as_user(staff("super_admin")), uuid7()
    body = {"to": bob.public_id, "amount": "3"}
    if name == "transfer":
        return lambda: me.post("wallet/transfer", body, key=key), (own(ann), own(bob))
    if name == "adjust":
        return lambda: adjust(finance, bob, "-3", key=key), (account("treasury"), own(bob))
    if name == "grant":
        return lambda: grant(finance, bob, "3", key=key), (account("rewards_pool"), own(bob))
    paid = me.post("wallet/transfer", body, key=uuid7()).json()["id"]
    return lambda: reverse(finance, paid, key=key), (own(ann), own(bob))


@pytest.mark.parametrize("name", CALLS)
def test_a_call_beside_a_rival_who_wrote_nothing_succeeds(name: str) -> None:
    call, rows = call_of(name)
    response, outcomes = Duel(call, rows, is_heavy=False).fight(1)
    assert (response.status_code, outcomes) in ((201, {"lost"}), (201, {"won"}))


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_given_up_once_is_made_again(name: str) -> None:
    call, rows = call_of(name)
    response, outcomes = Duel(call, rows, is_heavy=True).fight(1)
    assert (response.status_code, outcomes) == (201, {"won"})


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_given_up_again_and_again_is_unavailable_and_left_nothing(name: str) -> None:
    call, rows = call_of(name)
    before = (*written(), IdempotencyRecord.objects.count())
    response, outcomes = Duel(call, rows, is_heavy=True).fight(3)
    assert (response.status_code, outcomes) == (503, {"won"}), response.content
    assert response["Retry-After"] == "1"
    assert response.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert (*written(), IdempotencyRecord.objects.count()) == before
    assert call().status_code == 201


@pytest.mark.parametrize("rivals", [1, 3])
def test_a_settlement_is_whole_or_not_at_all(rivals: int) -> None:
    user = rich_user(50)
    paid = token_checkout_hold(
        actor=SYSTEM, user_id=user.public_id, amount=ogc(6), source_key="p", reference="plan:pro"
    )
    before = written()

    def settle() -> Any:
        try:
            return token_checkout_settle(actor=SYSTEM, transaction_id=paid, amount=ogc(2))
        except ServiceUnavailable as error:
            return error.details

    rows = Hold.objects.filter(pk=Hold.objects.get(public_id=paid).pk), own(user, "reserved")
    result, outcomes = Duel(settle, rows, is_heavy=True).fight(rivals)
    assert outcomes == {"won"}
    if rivals == 3:
        assert (result, written()) == ({"retry_after": 1}, before)
        result = settle()
    assert result == ogc(2)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(48), 0)


def test_calls_among_rivals_who_lock_everything_backwards() -> None:
    people = [rich_user(50) for _ in range(4)]
    clients, finance = [ApiClient().as_user(user) for user in people], ApiClient().as_user(staff("finance"))
    accounts = list(LedgerAccount.objects.filter(kind="available").values_list("pk", flat=True))
    accounts += LedgerAccount.objects.filter(key="treasury").values_list("pk", flat=True)
    moved, start = Transaction.objects.count(), sum(balance_of(user) for user in people)
    done = Event()

    def rival(number: int) -> Counter[Any]:
        seen: Counter[Any] = Counter()
        dice = random.Random(number)
        while not done.is_set():
            try:
                with transaction.atomic():
                    if dice.random() < 0.7:
                        write_a_lot(dice, 20)
                    for pk in sorted(dice.sample(accounts, 3), reverse=True):
                        list(LedgerAccount.objects.select_for_update().filter(pk=pk))
                        # Each lock is held for a while, so that others run into it; nothing waits for this.
                        time.sleep(0.005)
                    transaction.set_rollback(True)
            except OperationalError as error:
                require_deadlock(error)
                seen["given up"] += 1
        return seen

    def caller(number: int) -> Counter[Any]:
        seen: Counter[Any] = Counter()
        dice = random.Random(number)
        for _ in range(12):
            giver, receiver = dice.sample(range(4), 2)
            if dice.random() < 0.3:
                response = adjust(finance, people[giver], dice.choice(["0.1", "-0.1"]))
                seen["adjusted"] += response.status_code == 201
            else:
                body = {"to": people[receiver].public_id, "amount": "0.5"}
                response = clients[giver].post("wallet/transfer", body, key=uuid7())
            assert response.status_code in (201, 503), response.content
            assert response.status_code == 201 or response["Retry-After"] == "1"
            seen[response.status_code] += 1
        return seen

    def run(work: Callable[[int], Counter[Any]], number: int) -> Counter[Any]:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        rivals = [pool.submit(run, rival, number) for number in range(4)]
        callers = [pool.submit(run, caller, number) for number in range(8)]
        try:
            seen = sum((one.result(120) for one in callers), Counter())
        finally:
            done.set()
        fought = sum((one.result(30) for one in rivals), Counter())
    assert seen[201] + seen[503] == 8 * 12
    assert Transaction.objects.count() == moved + seen[201]
    assert abs(sum(balance_of(user) for user in people) - start) <= seen["adjusted"] * ogc(0.1)
    assert fought["given up"] + seen[503] > 0, "no deadlock came about"
