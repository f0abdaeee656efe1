"""The database goes away and comes back: 503 while it is gone, and no restart of ours afterwards."""

import json
import os
import signal
import threading
import time

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.test import RequestFactory

from ogc.db.patience import bound_answers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.faults]


@pytest.fixture
def get(settings):
    """GET as the web server does it (with its connection handling), in a thread with its own connection."""
    settings.ROOT_URLCONF = "tests.ogc.urlconf"
    application, answers = get_wsgi_application(), {}

    def call(path):
        def start(status, headers):
            answers["status"], answers["headers"] = int(status.split()[0]), dict(headers)

        answers["body"] = json.loads(
            b"".join(application(RequestFactory()._base_environ(PATH_INFO=path), start))
        )

    class Thread:
        """One web thread: its connection lives from request to request."""

        def __init__(self):
            self.wake, self.done, self.path = threading.Semaphore(0), threading.Semaphore(0), ""
            self.thread = threading.Thread(target=self.run, daemon=True)
            self.thread.start()

        def run(self):
            while self.wake.acquire() and self.path:
                call(self.path)
                self.done.release()
            connection.close()

        def __call__(self, path):
            self.path = path
            self.wake.release()
            if path:
                assert self.done.acquire(timeout=60)
                return answers["status"], answers["headers"], answers["body"]
            self.thread.join(10)
            return None

    web_thread = Thread()
    yield web_thread
    web_thread("")


def test_requests_are_503_while_it_is_away_and_fine_soon_after(get, mariadb_server):
    assert get("/facts")[0] == 200
    connection.close()
    mariadb_server.kill()
    try:
        for _ in range(2):
            status, headers, body = get("/facts")
            assert (status, headers["Retry-After"]) == (503, "1")
            assert body["error"]["code"] == "SERVICE_UNAVAILABLE"
        status, _, body = get("/api/v1/readyz")
        assert (status, body["checks"]["database"]["status"]) == (503, "down")
        assert get("/api/v1/healthz")[0] == 200
    finally:
        mariadb_server.start()
    assert [get("/facts")[0] for _ in range(3)][-2:] == [200, 200]
    assert get("/api/v1/readyz")[2]["checks"]["database"]["status"] == "ok"


def test_a_restart_between_requests_costs_a_thread_one_503_at_most(get, mariadb_server):
    assert get("/facts")[0] == 200
    connection.close()
    mariadb_server.kill()
    mariadb_server.start()
    statuses = [get("/facts")[0] for _ in range(3)]
    assert statuses[0] in (200, 503)
    assert statuses[1:] == [200, 200]


def test_a_silent_database_is_not_waited_for_for_ever(get, mariadb_server, monkeypatch):
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", dict(options))
    bound_answers(seconds=1)
    assert get("/facts")[0] == 200
    os.kill(mariadb_server.process.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert get("/facts")[0] == 503
        assert time.monotonic() - started < 20
    finally:
        os.kill(mariadb_server.process.pid, signal.SIGCONT)
    assert [get("/facts")[0] for _ in range(2)][-1] == 200
