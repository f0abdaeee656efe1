"""Facts reach each consumer once, whatever fails, and failures stay with the consumer that failed."""

from datetime import timedelta

import pytest
from django.db import transaction

from ogc import clock, context, events
from ogc.db.transactions import run_in_transaction
from ogc.events import DomainSignal, dispatch, signals
from ogc.events.dispatch import RETRY_SECONDS, dispatch_due, retry_due, retry_now
from ogc.models import DomainEvent, EventConsumption

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def signal(monkeypatch):
    """A signal of the test's own, and no general consumers."""
    monkeypatch.setattr(DomainSignal, "registry", {})
    monkeypatch.setattr(signals, "_of_all", {})
    return DomainSignal("test.happened", args=("thing_id", "amount"))


@pytest.fixture
def told(signal):
    """A consumer `good` that remembers what it was told and leaves a row (an event named after its input)."""
    seen = []

    @events.consumes(signal, name="good")
    def good(event):
        seen.append(event)
        DomainEvent.objects.create(name="done", payload={"of": event.id}, dispatched_at=clock.now())

    return seen


@pytest.fixture
def failing(signal):
    """A consumer `bad` that leaves a row and fails while `failing["on"]`."""
    state = {"on": True, "tries": 0}

    @events.consumes(signal, name="bad")
    def bad(event):
        state["tries"] += 1
        DomainEvent.objects.create(name="half-done", dispatched_at=clock.now())
        if state["on"]:
            raise ValueError("broken")

    return state


def emit(signal, **payload):
    run_in_transaction(lambda: signal.emit(**({"thing_id": "t1", "amount": 5} | payload)))
    return DomainEvent.objects.filter(name=signal.name).latest("id")


def status(name):
    row = EventConsumption.objects.get(consumer=name)
    return row.status, row.attempts


def make_due():
    EventConsumption.objects.filter(status="retry").update(next_attempt_at=clock.real_now())


def count(name):
    return DomainEvent.objects.filter(name=name).count()


def test_a_fact_is_one_row_of_its_transaction(signal):
    with context.bind(correlation_id="story-1"):
        row = emit(signal)
    assert (row.name, row.payload, row.correlation_id) == (
        "test.happened", {"thing_id": "t1", "amount": 5}, "story-1",
    )  # fmt: skip
    assert row.dispatched_at is None
    assert abs(row.occurred_at - clock.now()) < timedelta(seconds=5)


def test_emitting_costs_one_statement(signal, django_assert_num_queries):
    emit(signal)

    def twice():
        with django_assert_num_queries(2):
            signal.emit(thing_id="a", amount=1)
            signal.emit(thing_id="b", amount=2)

    run_in_transaction(twice)


def test_a_fact_outside_a_transaction_is_refused(signal):
    with pytest.raises(RuntimeError, match=r"test\.happened must be emitted inside"):
        signal.emit(thing_id="t1", amount=5)
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside the transaction"):
        signal.emit(thing_id="t1", amount=5)
    assert DomainEvent.objects.count() == 0


@pytest.mark.parametrize(
    "payload", [{}, {"thing_id": 1}, {"thing_id": 1, "amount": 2, "more": 3}, {"thing": 1, "amount": 2}]
)
def test_a_fact_with_other_arguments_is_refused(signal, payload):
    with pytest.raises(ValueError, match="takes \\['amount', 'thing_id'\\]"):
        run_in_transaction(lambda: signal.emit(**payload))
    assert DomainEvent.objects.count() == 0


def test_a_rolled_back_fact_was_never_true(signal, told):
    def fail():
        signal.emit(thing_id="t1", amount=5)
        raise ValueError

    with pytest.raises(ValueError):
        run_in_transaction(fail)
    assert events.drain() == 0
    assert told == []


def test_names_of_signals_and_consumers_are_unique(signal, told):
    with pytest.raises(ValueError, match="two signals"):
        DomainSignal("test.happened", args=())
    with pytest.raises(ValueError, match="two consumers named good"):
        events.consumes(signal, name="good")(lambda event: None)


def test_each_consumer_is_told_once(signal, told):
    others = []
    events.consumes(signal, name="other")(others.append)
    events.consumes_all(name="general")(others.append)
    row = emit(signal)
    assert (events.drain(), events.drain()) == (1, 0)
    (event,) = told
    assert (event.id, event.name, event.payload) == (
        row.public_id,
        "test.happened",
        {"thing_id": "t1", "amount": 5},
    )
    assert [e.id for e in others] == [row.public_id] * 2
    assert EventConsumption.objects.filter(status="done", attempts=1).count() == 3
    # Sent again (a second dispatcher, a sweep): nobody is told again.
    DomainEvent.objects.filter(pk=row.pk).update(dispatched_at=None)
    events.drain()
    assert (len(told), len(others)) == (1, 2)


def test_consumers_run_under_the_correlation_id_of_the_fact(signal):
    ids = []
    events.consumes(signal, name="ids")(lambda event: ids.append(context.current().correlation_id))
    with context.bind(correlation_id="story-2"):
        emit(signal)
    events.drain()
    assert ids == ["story-2"]
    assert context.current().correlation_id == ""


def test_a_failing_consumer_stops_nobody_and_leaves_nothing_half_done(signal, told, failing):
    emit(signal)
    assert events.drain() == 1
    assert len(told) == 1
    assert (status("good"), status("bad")) == (("done", 1), ("retry", 1))
    assert (count("done"), count("half-done")) == (1, 0)
    row = EventConsumption.objects.get(consumer="bad")
    assert row.last_error == "ValueError('broken')"
    assert row.next_attempt_at > clock.real_now()
    assert DomainEvent.objects.get(name="test.happened").dispatched_at is not None


def test_it_is_tried_again_alone_when_its_wait_is_over(signal, told, failing):
    emit(signal)
    events.drain()
    assert retry_due() == 0
    failing["on"] = False
    make_due()
    assert (retry_due(), retry_due()) == (1, 0)
    assert (status("bad"), failing["tries"], len(told)) == (("done", 2), 2, 1)
    assert count("half-done") == 1


def test_waits_grow_and_at_last_it_is_dead_until_somebody_asks(signal, failing):
    emit(signal)
    dispatch_due()
    waits = []
    while (row := EventConsumption.objects.get(consumer="bad")).status == "retry":
        waits.append(round((row.next_attempt_at - clock.real_now()).total_seconds()))
        make_due()
        assert retry_due() == 1
    assert waits == list(RETRY_SECONDS) == [1, 5, 30, 120, 600, 3600]
    assert (status("bad"), failing["tries"], count("half-done")) == (("dead", 7), 7, 0)
    assert row.next_attempt_at is None
    assert retry_due() == 0
    failing["on"] = False
    assert retry_now(EventConsumption.objects.all()) == 1
    assert retry_due() == 1
    assert (status("bad"), count("half-done")) == (("done", 8), 1)


def test_asking_again_does_not_repeat_what_is_done(signal, told):
    emit(signal)
    events.drain()
    assert retry_now(EventConsumption.objects.all()) == 0
    assert retry_due() == 0
    assert len(told) == 1


def test_a_crash_between_two_consumers_is_taken_up_where_it_was(signal, told):
    class Killed(BaseException):
        """Not an Exception: as a signal would end the process."""

    crash = [True]

    @events.consumes(signal, name="later")
    def later(event):
        DomainEvent.objects.create(name="later", dispatched_at=clock.now())
        if crash:
            raise Killed

    emit(signal)
    with pytest.raises(Killed):
        dispatch_due()
    assert (count("done"), count("later")) == (1, 0)
    assert list(EventConsumption.objects.values_list("consumer", flat=True)) == ["good"]
    assert DomainEvent.objects.get(name="test.happened").dispatched_at is None
    crash.clear()
    assert events.drain() == 1
    assert (count("done"), count("later"), len(told)) == (1, 1, 1)


def test_a_retry_of_a_consumer_that_is_gone_is_done(signal, failing):
    emit(signal)
    dispatch_due()
    signal.consumers.clear()
    make_due()
    assert retry_due() == 1
    assert status("bad") == ("done", 2)


def test_a_fact_that_nobody_declares_any_more_goes_to_general_consumers(signal):
    seen = []
    events.consumes_all(name="general")(seen.append)
    DomainEvent.objects.create(name="gone.signal")
    assert events.drain() == 1
    assert [event.name for event in seen] == ["gone.signal"]


def test_what_consumers_emit_is_sent_too(signal):
    seen = []
    second = DomainSignal("test.followed", args=())
    events.consumes(signal, name="chain")(lambda event: second.emit())
    events.consumes(second, name="end")(lambda event: seen.append(event.name))
    emit(signal)
    assert events.drain() == 2
    assert seen == ["test.followed"]


def test_facts_are_sent_oldest_first_and_in_batches(signal, told):
    for number in range(5):
        emit(signal, amount=number)
    assert dispatch_due(limit=2) == 2
    assert [event.payload["amount"] for event in told] == [0, 1]
    assert events.drain() == 3
    assert [event.payload["amount"] for event in told] == [0, 1, 2, 3, 4]


def test_two_tries_of_one_retry_run_it_once(signal, failing):
    emit(signal)
    dispatch_due()
    failing["on"] = False
    make_due()
    row = EventConsumption.objects.select_related("event").get(consumer="bad")
    stale = EventConsumption.objects.select_related("event").get(consumer="bad")
    dispatch._retry(row)
    dispatch._retry(stale)
    assert (status("bad"), failing["tries"]) == (("done", 2), 2)
