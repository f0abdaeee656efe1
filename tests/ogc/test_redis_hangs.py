"""A Redis that takes connections and says nothing costs a request a moment, never its answer."""

import os
import signal
import threading
import time

import pytest

from notifications.services.stream import ticket_issue
from ogc import redis
from ogc.actors import Actor
from ogc.errors import ServiceUnavailable
from ogc.health.gauges import exposition
from ogc.jobs import queues
from ogc.models import DomainEvent

pytestmark = pytest.mark.faults


@pytest.fixture
def silent_redis(valkey_server, settings, monkeypatch):
    """The server stops wherever it is, and goes on after the test; the time-outs are those of production."""
    settings.REDIS_TIMEOUTS = {"socket_connect_timeout": 0.3, "socket_timeout": 1.0}
    monkeypatch.setattr(redis, "_local", threading.local())
    os.kill(valkey_server.process.pid, signal.SIGSTOP)
    yield
    os.kill(valkey_server.process.pid, signal.SIGCONT)
    redis.resume()


def test_work_is_asked_for_in_bounded_time(db, silent_redis, django_capture_on_commit_callbacks):
    redis.resume()
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            queues.enqueue("ogc.jobs.entry.sweep")
    assert time.monotonic() - started < 4


def test_money_moves_and_reads_answer_in_bounded_time(signed_in, silent_redis):
    started = time.monotonic()
    response = signed_in.post("/work", {"label": "a"}, key="key-1")
    again = signed_in.post("/work", {"label": "a"}, key="key-1")
    assert (response.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert signed_in.get("/optional").status_code == 200
    checks = signed_in.get("/api/v1/readyz").json()["checks"]
    assert (checks["redis"]["status"], checks["database"]["status"]) == ("down", "ok")
    assert DomainEvent.objects.filter(name="a").count() == 1
    assert time.monotonic() - started < 15


def test_figures_and_stream_tickets_do_not_wait_for_long(db, silent_redis):
    person = Actor(
        kind="user", user_id="u", roles=frozenset({"user"}), scopes=frozenset({"self"}), session_id="s"
    )
    started = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        ticket_issue(actor=person)
    redis.resume()
    figures = exposition()
    assert b"ogc_due_rows" in figures
    assert b"ogc_queue_jobs" not in figures
    assert time.monotonic() - started < 4
