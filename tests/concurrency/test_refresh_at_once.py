"""64 calls with one refresh token over HTTP, on MariaDB behind two processes and on SQLite behind one."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection

from accounts.models import RefreshToken
from accounts.services.sessions import refresh_hash
from ogc.local.services import Service
from tests.services.web import ROOT, web

CALLS = 64
PASSWORD = "ogc-local-only-1"
COUNT_SUCCESSORS = """
SELECT COUNT(*), SUM(used_at IS NULL) FROM accounts_refreshtoken
WHERE parent_id = (SELECT id FROM accounts_refreshtoken WHERE token_hash = '{}')
"""


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[tuple[Service, Path]]:
    """The platform of a local run: one process with four threads on a file of its own."""
    file = tmp_path / "db.sqlite3"
    environment = {"DATABASE_URL": f"sqlite://{file}", "REDIS_URL": settings.REDIS_URL}
    environment |= {"OGC_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ogc.settings.local"}
    for command in ("migrate", "seed"):
        subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            capture_output=True,
        )
    process = web(tmp_path / "web", environment, threads=4).start()
    yield process, file
    process.stop()


def test_on_sqlite_64_calls_get_one_successor(on_sqlite: tuple[Service, Path]) -> None:
    process, file = on_sqlite
    presented = refresh_64_times([process.url])
    with sqlite3.connect(file) as database:
        found = database.execute(COUNT_SUCCESSORS.format(refresh_hash(presented))).fetchall()
    assert found == [(1, 1)]


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_on_mariadb_64_calls_to_two_processes_get_one_successor(processes: list[Service]) -> None:
    presented = refresh_64_times([process.url for process in processes])
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SUCCESSORS.format(refresh_hash(presented)))
        assert [tuple(map(int, row)) for row in cursor.fetchall()] == [(1, 1)]
    assert RefreshToken.objects.count() == 2


def refresh_64_times(urls: list[str]) -> str:
    """Log in, present the refresh token CALLS times at one instant, and check the answers; returns it."""
    body = {"email": "alice@ogc.local", "password": PASSWORD, "token_transport": "body"}
    token = requests.post(f"{urls[0]}/api/v1/auth/login", json=body, timeout=30).json()["refresh"]
    barrier = Barrier(CALLS)

    def call(number: int) -> Any:
        with requests.Session() as client:
            url = urls[number % len(urls)]
            client.get(f"{url}/api/v1/healthz", timeout=30)
            barrier.wait()
            return client.post(f"{url}/api/v1/auth/refresh", json={"refresh": token}, timeout=60)

    with ThreadPoolExecutor(CALLS) as pool:
        answers = list(pool.map(call, range(CALLS)))
    assert [answer.status_code for answer in answers] == [200] * CALLS
    assert len({answer.json()["refresh"] for answer in answers} - {token}) == 1
    access = {answer.json()["access"] for answer in answers}
    for number, one in enumerate(sorted(access)):
        url = f"{urls[number % len(urls)]}/api/v1/auth/verify"
        assert requests.get(url, headers={"Authorization": f"Bearer {one}"}, timeout=30).status_code == 204
    return str(token)
