"""Alive, ready, measured."""

from ipaddress import ip_network

import pytest
from django.db import OperationalError

from ogc.health import probes
from ogc.models import DomainEvent, EventConsumption
from tests.api_client import error_code


def test_alive_touches_nothing(small_api, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = small_api.get("healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_tells_each_part_with_status_and_time(small_api, monkeypatch):
    monkeypatch.setattr(
        probes, "_probes", {name: probes._probes[name] for name in ("database", "migrations", "redis")}
    )
    response = small_api.get("readyz")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ok"
    assert list(body["checks"]) == ["database", "migrations", "redis"]
    for check in body["checks"].values():
        assert check.keys() == {"status", "ms"}
        assert check["status"] == "ok"
        assert check["ms"] >= 0


def test_the_three_parts_are_registered_and_redis_is_not_needed():
    needed = {name: is_needed for name, (_, is_needed) in probes._probes.items()}
    assert needed["database"] is True
    assert needed["migrations"] is True
    assert needed["redis"] is False


@pytest.mark.faults
def test_without_redis_it_is_ready_and_says_so(small_api, no_redis, monkeypatch):
    monkeypatch.setattr(probes, "_probes", {name: probes._probes[name] for name in ("database", "redis")})
    response = small_api.get("readyz")
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    check = response.json()["checks"]["redis"]
    assert (check["status"], check["message"]) == ("down", "Redis does not answer; background work waits.")


def test_without_its_database_it_is_not_ready_and_says_when_to_ask_again(small_api, monkeypatch):
    from django.db import connection

    def fail(*args, **kwargs):
        raise OperationalError(2002, "Can't connect to server at 10.1.2.3 with password hunter2")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fail)
        patched.setattr(connection, "close", lambda: None)
        response = small_api.get("readyz")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    body = response.json()
    assert body["status"] == "unavailable"
    assert body["checks"]["database"]["message"] == "The database does not answer."
    assert b"hunter2" not in response.content


def test_a_probe_that_breaks_is_down_and_not_an_error(small_api, monkeypatch):
    def breaks():
        raise KeyError("secret detail")

    monkeypatch.setattr(probes, "_probes", {"odd": (breaks, True)})
    response = small_api.get("readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["odd"]["message"] == "KeyError"


def test_missing_migrations_are_not_ready(monkeypatch, db):
    from django.db.migrations.executor import MigrationExecutor

    monkeypatch.setattr(probes, "_migrated", False)
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("ogc", False)])
    assert probes.migrations() == "Migrations are missing: run manage.py migrate."
    monkeypatch.undo()
    monkeypatch.setattr(probes, "_migrated", False)
    assert probes.migrations() == "ok"


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("10.1.2.3", 200), ("203.0.113.9", 404), ("", 404), ("unix:", 404)],
)
def test_metrics_are_for_listed_networks_only(small_api, settings, address, status):
    settings.METRICS_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")]
    response = small_api.get("metrics", REMOTE_ADDR=address, headers={"x-forwarded-for": "127.0.0.1"})
    assert response.status_code == status
    if status == 404:
        assert error_code(response) == "NOT_FOUND"


def test_metrics_show_the_outbox_the_queues_and_the_requests(small_api):
    event = DomainEvent.objects.create(name="due")
    EventConsumption.objects.create(event=event, consumer="a", status="dead")
    small_api.call("INVENTED" + "X" * 50, "/echo")
    text = small_api.get("metrics").content.decode()
    assert 'ogc_due_rows{kind="events"} 1.0' in text
    assert 'ogc_event_consumptions{status="dead"} 1.0' in text
    assert 'ogc_queue_jobs{queue="default"}' in text
    assert "ogc_reader_age_seconds" in text
    assert "ogc_enqueue_failures_total" in text
    assert 'ogc_requests_total{method="other",status="405"}' in text
    assert "INVENTED" not in text


@pytest.mark.faults
def test_metrics_without_redis_leave_the_queues_out(small_api, no_redis):
    response = small_api.get("metrics")
    assert response.status_code == 200
    assert b"ogc_queue_jobs{" not in response.content
    assert b"ogc_due_rows" in response.content
