"""A session that ended in one web process is refused by every other one within two seconds."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from accounts.models import User
from ogc import clock
from ogc.local.services import Service
from tests.services.web import web

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

PASSWORD = "ogc-local-only-1"
WITHIN_SECONDS = 2.0


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[list[Service]]:
    """Two web processes on the test database."""
    from django.db import connection

    from accounts.services import seed as accounts
    from governance.services import seed as governance

    for module in (accounts, governance):
        module.seed(debug=True)
    for module in (accounts, governance):
        module.seed_demo()
    database = connection.settings_dict
    url = f"mysql://{database['USER']}:{database['PASSWORD']}@127.0.0.1:{database['PORT']}/{database['NAME']}"
    environment = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "LOG_LEVEL": "WARNING"}
    environment["DJANGO_SETTINGS_MODULE"] = "ogc.settings.local"
    started = [web(tmp_path / str(number), environment).start() for number in (1, 2)]
    yield started
    for process in started:
        process.stop()


def test_logout_everywhere_reaches_both_processes(processes: list[Service]) -> None:
    first, second = processes
    token = _login(first, "alice@ogc.local")
    assert [_me(process, token)[0] for process in processes] == [200, 200]
    requests.post(f"{first.url}/api/v1/auth/logout-all", headers=_bearer(token), timeout=5).raise_for_status()
    ended = time.monotonic()
    for process in (first, second):
        _wait_for(process, token, (401, "TOKEN_INVALID"), ended)


def test_suspension_reaches_both_processes(processes: list[Service]) -> None:
    first, second = processes
    token, staff = _login(second, "bob@ogc.local"), _login(first, "ops@ogc.local")
    user_id = User.objects.get(email="bob@ogc.local").public_id
    body = {"reason": "spam", "until": (clock.now() + clock.timedelta(days=1)).isoformat()}
    url = f"{first.url}/api/v1/admin/users/{user_id}/suspend"
    requests.post(url, json=body, headers=_bearer(staff), timeout=5).raise_for_status()
    ended = time.monotonic()
    for process in (first, second):
        _wait_for(process, token, (403, "AUTH_ACCOUNT_DISABLED"), ended)


def _login(process: Service, email: str) -> str:
    body = {"email": email, "password": PASSWORD}
    answer = requests.post(f"{process.url}/api/v1/auth/login", json=body, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["access"])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _me(process: Service, token: str) -> tuple[int, Any]:
    answer = requests.get(f"{process.url}/api/v1/auth/me", headers=_bearer(token), timeout=5)
    return answer.status_code, answer.json().get("error", {}).get("code")


def _wait_for(process: Service, token: str, expected: tuple[int, str], since: float) -> None:
    seen = _me(process, token)
    while seen != expected and time.monotonic() - since < WITHIN_SECONDS:
        seen = _me(process, token)
    assert seen == expected
    assert time.monotonic() - since < WITHIN_SECONDS + 0.5
