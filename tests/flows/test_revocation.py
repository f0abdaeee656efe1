"""Two web processes that share only the database: what one revokes, the other refuses within 2 seconds."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ogc.local.services import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "ogc-local-only-1"
START_SECONDS = 60
LIMIT_SECONDS = 2.0


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Addresses of two web processes on one fresh, seeded SQLite file."""
    folder = tmp_path_factory.mktemp("two-processes")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "OGC_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "ogc.settings.local",
        "RATE_LOGIN_IP": "off",
        "LOG_LEVEL": "ERROR",
    }
    for command in (["migrate", "-v0"], ["seed"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    ports = [free_port(), free_port()]
    servers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(port), "--blocking-threads", "2", "--log-level", "warning", "--no-ws"),
                "ogc.wsgi:application",
            ],
            cwd=ROOT,
            env=environment | {"PORT": str(port)},
        )
        for port in ports
    ]
    try:
        addresses = [f"http://127.0.0.1:{port}/api/v1/" for port in ports]
        for address in addresses:
            _wait_for(address)
        yield addresses
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(10)


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if requests.get(address + "healthz", timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise TimeoutError(address)


def _login(address: str, name: str) -> dict[str, str]:
    body = {"email": f"{name}@ogc.local", "password": PASSWORD, "token_transport": "body"}
    answer = requests.post(address + "auth/login", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access']}", "id": answer.json()["user"]["id"]}


def _seconds_until(address: str, login: dict[str, str], wanted: int) -> tuple[float, str]:
    """How long until this login is answered with that status, and the code of the last refusal."""
    started, code = time.monotonic(), ""
    while time.monotonic() < started + 10:
        headers = {"authorization": login["authorization"]}
        answer = requests.get(address + "auth/verify", headers=headers, timeout=10)
        code = answer.json()["error"]["code"] if answer.content else code
        if answer.status_code == wanted:
            return time.monotonic() - started, code
        time.sleep(0.05)
    raise TimeoutError(f"never answered {wanted}")


def _post(address: str, path: str, login: dict[str, str], body: dict[str, object] | None = None) -> int:
    headers = {"authorization": login["authorization"]}
    return requests.post(address + path, json=body, headers=headers, timeout=10).status_code


def test_logging_out_everywhere_reaches_the_other_process(two_processes):
    here, there = two_processes
    logins = [_login(here, "bob"), _login(there, "bob")]
    for address in two_processes:
        for login in logins:
            _seconds_until(address, login, 204)
    assert _post(here, "auth/logout-all", logins[0]) == 204
    for login in logins:
        assert _seconds_until(here, login, 401)[0] < 0.5
    for login in logins:
        seconds, code = _seconds_until(there, login, 401)
        assert (seconds < LIMIT_SECONDS, code) == (True, "TOKEN_INVALID")


def test_a_suspension_reaches_the_other_process_and_so_does_its_end(two_processes):
    here, there = two_processes
    staff, person = _login(here, "ops"), _login(there, "alice")
    suspend = f"admin/users/{person['id']}/suspend"
    assert _post(here, suspend, staff, {"reason": "test", "confirm": True}) == 200
    seconds, code = _seconds_until(there, person, 403)
    assert (seconds < LIMIT_SECONDS, code) == (True, "AUTH_ACCOUNT_DISABLED")
    assert _post(there, f"admin/users/{person['id']}/reinstate", staff) == 200
    again = _login(there, "alice")
    for address in two_processes:
        assert _seconds_until(address, again, 204)[0] < LIMIT_SECONDS


def test_changed_roles_ask_for_a_refresh_on_the_other_process(two_processes):
    here, there = two_processes
    root, person = _login(here, "admin"), _login(there, "carol")
    assert _post(here, f"admin/users/{person['id']}/roles", root, {"role": "partner"}) == 200
    seconds, code = _seconds_until(there, person, 401)
    assert (seconds < LIMIT_SECONDS, code) == (True, "TOKEN_EXPIRED")
