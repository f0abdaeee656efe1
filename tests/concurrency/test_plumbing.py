"""The plumbing with real connections at once on MariaDB: keys, deadlocks, leases, dispatchers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from ogc import clock, events, redis
from ogc.db.transactions import run_in_transaction
from ogc.errors import ServiceUnavailable
from ogc.events import DomainSignal, signals
from ogc.models import ClockOffset, DomainEvent, EventConsumption, IdempotencyRecord
from tests.api_client import ApiClient
from tests.factories.accounts import UserFactory
from tests.ogc import urlconf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def at_once(count, work):
    """Run `work(n)` in `count` threads that start together, each with a connection of its own."""
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait(20)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [done.result(60) for done in [pool.submit(run, number) for number in range(count)]]


@pytest.fixture
def call(settings, django_capture_on_commit_callbacks):
    """POST /work as one user, from any thread; returns the response."""
    settings.ROOT_URLCONF = "tests.ogc.urlconf"
    settings.RATE_MONEY = "off"
    urlconf.calls.clear()
    user = UserFactory(wallet=False)
    headers = ApiClient(django_capture_on_commit_callbacks).as_user(user)._headers

    def post(key, label="a", outcome="done"):
        return Client(raise_request_exception=False).post(
            "/work",
            {"label": label, "outcome": outcome},
            content_type="application/json",
            headers=headers | {"idempotency-key": key},
        )

    return post


def facts(name):
    return DomainEvent.objects.filter(name=name).count()


def test_fifty_equal_calls_at_once_have_one_effect(call):
    answers = at_once(50, lambda _: call("key-1"))
    assert {response.status_code for response in answers} <= {201, 409}
    bodies = {response.content for response in answers if response.status_code == 201}
    assert len(bodies) == 1
    assert {r.json()["error"]["code"] for r in answers if r.status_code == 409} <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert (facts("a"), IdempotencyRecord.objects.count()) == (1, 1)
    assert call("key-1").content in bodies


def test_a_redis_that_forgets_while_calls_run_has_one_effect_too(call, monkeypatch):
    create = urlconf.fact_create

    def slow(label, outcome="done"):
        row = create(label, outcome)
        redis.client().flushall()
        time.sleep(0.1)
        return row

    monkeypatch.setattr(urlconf, "fact_create", slow)
    answers = at_once(8, lambda _: (redis.client().flushall(), call("key-1"))[1])
    assert {response.status_code for response in answers} <= {201, 409}
    assert len({response.content for response in answers if response.status_code == 201}) == 1
    assert (facts("a"), IdempotencyRecord.objects.count()) == (1, 1)


def test_two_bodies_under_one_key_at_once_have_one_effect(call):
    answers = at_once(20, lambda n: call("key-1", label=f"label-{n % 2}"))
    assert {response.status_code for response in answers} <= {201, 409, 422}
    assert DomainEvent.objects.filter(name__startswith="label-").count() == 1


def test_refusals_at_once_are_one_answer(call):
    answers = at_once(20, lambda _: call("key-1", outcome="payment"))
    assert {response.status_code for response in answers} <= {402, 409}
    assert IdempotencyRecord.objects.count() == 1
    assert facts("a") == 0


@pytest.fixture
def two_rows():
    ClockOffset.objects.bulk_create(ClockOffset(pk=pk, ahead_microseconds=0) for pk in (1, 2))


def lock(pk):
    return ClockOffset.objects.select_for_update().get(pk=pk)


def test_a_deadlock_is_run_again_and_both_are_done(two_rows):
    tries = []

    def work(number):
        first, second = (1, 2) if number == 0 else (2, 1)

        def steps():
            tries.append(number)
            row = lock(first)
            time.sleep(0.2)
            lock(second)
            ClockOffset.objects.filter(pk=row.pk).update(ahead_microseconds=row.ahead_microseconds + 1)

        run_in_transaction(steps)

    at_once(2, work)
    assert len(tries) >= 3, "no deadlock came about"
    assert list(ClockOffset.objects.order_by("pk").values_list("ahead_microseconds", flat=True)) == [1, 1]


def test_a_lock_that_never_comes_is_given_up_three_times_and_then_unavailable(two_rows):
    held, done = threading.Event(), threading.Event()
    tries = []

    def work(number):
        if number == 0:
            with transaction.atomic():
                lock(1)
                held.set()
                done.wait(30)
            return None
        held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")

        def steps():
            tries.append(1)
            DomainEvent.objects.create(name="given-up")
            lock(1)

        try:
            run_in_transaction(steps)
        except ServiceUnavailable as error:
            return error.details
        finally:
            done.set()

    assert at_once(2, work)[1] == {"retry_after": 1}
    assert (len(tries), facts("given-up")) == (3, 0)


def test_a_lock_that_never_comes_answers_503_with_retry_after(call, two_rows, monkeypatch):
    held, done = threading.Event(), threading.Event()
    create = urlconf.fact_create

    def locking(label, outcome="done"):
        row = create(label, outcome)
        lock(1)
        return row

    monkeypatch.setattr(urlconf, "fact_create", locking)

    def work(number):
        if number == 0:
            with transaction.atomic():
                lock(1)
                held.set()
                done.wait(30)
            return None
        held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        try:
            return call("key-1")
        finally:
            done.set()

    response = at_once(2, work)[1]
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert (facts("a"), IdempotencyRecord.objects.count()) == (0, 0)
    assert call("key-1").status_code == 201


@pytest.fixture
def signal(monkeypatch):
    monkeypatch.setattr(DomainSignal, "registry", {})
    monkeypatch.setattr(signals, "_of_all", {})
    found = DomainSignal("test.happened", args=("number",))

    @events.consumes(found, name="slow")
    def slow(event):
        DomainEvent.objects.create(name="told", payload=event.payload, dispatched_at=clock.now())
        time.sleep(0.01)

    return found


def test_four_dispatchers_at_once_tell_each_consumer_once(signal):
    def emit_all():
        for number in range(25):
            signal.emit(number=number)

    run_in_transaction(emit_all)
    at_once(4, lambda _: events.drain())
    told = DomainEvent.objects.filter(name="told")
    assert sorted(row["number"] for row in told.values_list("payload", flat=True)) == list(range(25))
    assert EventConsumption.objects.filter(status="done", attempts=1).count() == 25
    assert not DomainEvent.objects.filter(dispatched_at=None).exists()


def test_retries_at_once_tell_a_consumer_once(signal):
    run_in_transaction(lambda: signal.emit(number=1))
    event = DomainEvent.objects.get(name="test.happened")
    DomainEvent.objects.update(dispatched_at=clock.now())
    EventConsumption.objects.create(
        event=event, consumer="slow", status="retry", next_attempt_at=clock.real_now()
    )
    at_once(6, lambda _: events.drain())
    assert facts("told") == 1
    consumption = EventConsumption.objects.get()
    assert (consumption.status, consumption.attempts) == ("done", 2)


def test_a_lease_is_taken_by_one_of_many():
    from notifications.models import Delivery
    from notifications.services.seed import seed
    from ogc.jobs import claim
    from tests.factories.notifications import DeliveryFactory

    seed(debug=True)
    row = DeliveryFactory(user=UserFactory(wallet=False))
    taken = at_once(16, lambda _: claim(Delivery, row.pk, statuses=[row.status]))
    assert sum(lease is not None for lease in taken) == 1
    row.refresh_from_db()
    assert row.attempts == 1
