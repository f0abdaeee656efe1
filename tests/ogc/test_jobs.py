"""Rows are the outbox, Redis is only a quick way to them."""

import time
from datetime import timedelta

import django_rq
import pytest
from django.utils.module_loading import import_string
from rq import SimpleWorker

from ogc import clock, context, redis, schedule
from ogc.db.transactions import run_in_transaction
from ogc.events import DomainSignal
from ogc.health.counters import ENQUEUE_FAILURES
from ogc.jobs import Sweep, claim, enqueue, entry, job, poke, queues, register_sweep, sweeps
from ogc.models import DomainEvent
from ogc.settings.parts.data import QUEUES

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

ran = []


@job
def remember(*args):
    """A job of the test's own."""
    ran.append((args, context.current().correlation_id))


@job
def fail(pk):
    """A job that fails."""
    raise ValueError(pk)


@pytest.fixture(autouse=True)
def _empty():
    ran.clear()
    redis.client().flushall()
    redis.resume()
    yield
    redis.resume()


@pytest.fixture
def outbox_row():
    """A row with the columns of the outbox: its model, row number and status."""
    from notifications.models import Delivery
    from notifications.services.seed import seed
    from tests.factories.notifications import DeliveryFactory

    seed(debug=True)
    row = DeliveryFactory()
    return Delivery, row.pk, row.status


def waiting(queue="default"):
    return [(found.func_name, list(found.args), found.id) for found in django_rq.get_queue(queue).jobs]


def failures():
    return ENQUEUE_FAILURES._value.get()


def work(queue="default"):
    SimpleWorker([django_rq.get_queue(queue)], connection=django_rq.get_connection(queue)).work(
        burst=True, logging_level="WARNING"
    )


def test_a_job_waits_for_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run_in_transaction(lambda: enqueue(remember, 7, "x", queue="mail", key="delivery-7-a1"))
        assert waiting("mail") == []
    assert waiting("mail") == [("tests.ogc.test_jobs.remember", [7, "x"], "delivery-7-a1")]
    assert waiting("default") == []


def test_a_job_of_a_rolled_back_transaction_is_never_asked_for(django_capture_on_commit_callbacks):
    def fails():
        enqueue(remember, 7)
        raise ValueError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValueError):
        run_in_transaction(fails)
    assert waiting() == []


def test_a_job_runs_under_the_correlation_id_of_who_asked(django_capture_on_commit_callbacks):
    with context.bind(correlation_id="story-3"), django_capture_on_commit_callbacks(execute=True):
        enqueue(remember, 1)
    work()
    assert ran == [((1,), "story-3")]
    assert context.current().correlation_id == ""


def test_a_job_without_a_story_gets_one_of_its_own():
    remember(1)
    assert len(ran[0][1]) == 36


@pytest.mark.faults
def test_without_redis_the_request_succeeds_and_the_loss_is_counted(
    django_capture_on_commit_callbacks, no_redis, caplog
):
    before, started = failures(), time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        row = run_in_transaction(lambda: (DomainEvent.objects.create(name="kept"), enqueue(remember, 1))[0])
        for _ in range(9):
            enqueue(remember, 2)
    poke("dispatch", entry.dispatch_events)
    assert failures() - before == 11
    assert DomainEvent.objects.filter(pk=row.pk).exists()
    assert [record.message for record in caplog.records].count("could not enqueue") == 1
    assert time.monotonic() - started < 2


def test_pokes_wait_as_one_until_they_are_answered():
    for _ in range(5):
        poke("dispatch", entry.dispatch_events)
    assert [name for name, *_ in waiting()] == ["ogc.jobs.entry.dispatch_events"]
    assert 0 < redis.client().ttl("ogc:poke:dispatch") <= 5
    queues.poke_answered("dispatch")
    poke("dispatch", entry.dispatch_events)
    assert len(waiting()) == 2


def test_emitting_asks_for_a_dispatcher_that_sends_the_fact(django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(DomainSignal, "registry", {})
    signal = DomainSignal("test.emitted", args=())
    told = []
    signal.consumers["test"] = told.append
    with django_capture_on_commit_callbacks(execute=True):
        run_in_transaction(signal.emit)
    work()
    assert [event.name for event in told] == ["test.emitted"]


@pytest.fixture
def rows(monkeypatch):
    """Ten rows of work: undispatched events named `todo`, done by naming them `done`."""
    monkeypatch.setattr(sweeps, "_registered", {})
    DomainEvent.objects.bulk_create(DomainEvent(name="todo", dispatched_at=clock.now()) for _ in range(10))

    def due(limit):
        return list(DomainEvent.objects.filter(name="todo").values_list("pk", flat=True)[:limit])

    def do(pk):
        DomainEvent.objects.filter(pk=pk).update(name="done")

    return {"due": due, "job": do, "queue": "bulk", "key": lambda pk: f"todo-{pk}-a1"}


def test_the_sweeper_asks_for_what_is_due_under_its_key(rows, django_capture_on_commit_callbacks):
    register_sweep(Sweep(name="todo", **(rows | {"job": remember})))
    register_sweep(Sweep(name="lane", **(rows | {"job": remember, "queue": "chain", "lane": True})))
    with django_capture_on_commit_callbacks(execute=True):
        assert entry.sweep() == 10
    assert {job_id for *_, job_id in waiting("bulk")} == {f"todo-{pk}-a1" for pk in rows["due"](99)}
    assert waiting("chain") == []
    with django_capture_on_commit_callbacks(execute=True):
        assert entry.sweep_lane() == 10
    assert len(waiting("chain")) == 10


def test_the_sweeper_sends_facts_that_nobody_sent(rows):
    DomainEvent.objects.create(name="lost")
    assert entry.sweep() == 1
    assert DomainEvent.objects.get(name="lost").dispatched_at is not None


def test_everything_due_is_done_in_this_process(rows):
    register_sweep(Sweep(name="todo", **rows))
    assert sweeps.run_all_inline() == 10
    assert rows["due"](1) == []
    assert sweeps.run_all_inline() == 0


def test_a_lease_is_taken_by_one_until_it_is_over(outbox_row):
    model, pk, status = outbox_row
    assert claim(model, pk, statuses=["nothing-like-it"]) is None
    first = claim(model, pk, statuses=[status])
    assert first is not None
    row = model.objects.get(pk=pk)
    assert row.attempts == 1
    assert 28 < (row.lease_until - clock.real_now()).total_seconds() <= 30
    assert claim(model, pk, statuses=[status]) is None
    assert model.objects.get(pk=pk).attempts == 1
    model.objects.filter(pk=pk).update(lease_until=clock.real_now() - timedelta(seconds=1))
    second = claim(model, pk, statuses=[status], lease_seconds=60)
    assert second is not None
    assert first.extend() is None
    assert first.release(last_error="from the one who came late") is False
    second = second.extend(90)
    assert 88 < (model.objects.get(pk=pk).lease_until - clock.real_now()).total_seconds() <= 90
    assert second.release(last_error="late") is True
    row = model.objects.get(pk=pk)
    assert (row.lease_until, row.last_error, row.attempts) == (None, "late", 2)


def test_a_row_that_waits_for_its_next_try_is_not_taken(outbox_row):
    model, pk, status = outbox_row
    model.objects.filter(pk=pk).update(next_attempt_at=clock.real_now() + timedelta(seconds=5))
    assert claim(model, pk, statuses=[status]) is None
    model.objects.filter(pk=pk).update(next_attempt_at=clock.real_now())
    assert claim(model, pk, statuses=[status]) is not None


def test_platform_time_moves_no_lease(outbox_row):
    model, pk, status = outbox_row
    assert claim(model, pk, statuses=[status]) is not None
    clock.apply_offset(timedelta(days=30))
    assert claim(model, pk, statuses=[status]) is None


def test_a_failing_job_is_logged_and_goes_up(caplog):
    with pytest.raises(ValueError):
        fail(3)
    assert [record.message for record in caplog.records] == ["job failed"]
    assert context.current().correlation_id == ""


@pytest.mark.parametrize("cron", schedule.CRON, ids=lambda cron: cron.job)
def test_each_entry_of_the_schedule_resolves_to_a_job(cron):
    function = import_string(cron.job)
    assert hasattr(function, "__wrapped__"), "not wrapped by @job"
    assert cron.queue in QUEUES
    assert (cron.every_seconds is None) != (cron.cron is None)


def test_the_scheduler_takes_the_whole_schedule():
    from ogc.management.commands.scheduler import build_scheduler

    jobs = build_scheduler().get_jobs()
    assert {found.func_name for found in jobs} == {cron.job for cron in schedule.CRON}
    assert len(jobs) == len(schedule.CRON)
