"""A session that ended in one web process is refused by every other one within two seconds."""

import time
from typing import Any

import jwt
import pytest
import requests

from accounts.models import User
from accounts.services import service_token_create, service_token_revoke, signing_key_rotate
from ogc import clock
from ogc.actors import SYSTEM
from ogc.local.services import Service

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

PASSWORD = "ogc-local-only-1"
WITHIN_SECONDS = 2.0


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


def test_a_compromised_key_and_a_revoked_service_token_reach_both_processes(
    processes: list[Service],
) -> None:
    token = _login(processes[0], "alice@ogc.local")
    row, machine = service_token_create(actor=SYSTEM, name="test", scopes=["tx.system"], days=1)
    assert [_me(process, token)[0] for process in processes] == [200, 200]
    assert [_me(process, machine)[0] for process in processes] == [403, 403]
    key = signing_key_rotate(actor=SYSTEM, compromised="all")
    service_token_revoke(actor=SYSTEM, token_id=row.public_id)
    rotated = time.monotonic()
    for process in processes:
        _wait_for(process, token, (401, "TOKEN_INVALID"), rotated)
        _wait_for(process, machine, (401, "TOKEN_INVALID"), rotated)
    for process in processes:
        published = requests.get(f"{process.url}/.well-known/jwks.json", timeout=5).json()["keys"]
        assert [one["kid"] for one in published] == [key.kid]
        again = _login(process, "alice@ogc.local")
        assert jwt.get_unverified_header(again)["kid"] == key.kid
        assert [_me(other, again)[0] for other in processes] == [200, 200]
