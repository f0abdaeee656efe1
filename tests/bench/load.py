"""One scenario under wrk: 32 connections for a while, and what it cost."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.people import PASSWORD, Person, receivers
from tests.bench.server import Platform

CONNECTIONS = 32
IDLE_SECONDS = 2
SETTLE_ROUNDS = 80
THREADS = 2

LUA = """
local people = {{{people}}}
local body, method, path, keyed = nil, "{method}", "{path}", {keyed}
local number, stamp = 0, tostring(os.time()) .. "-" .. tostring(math.random(1e9))
function setup(thread) thread:set("id", math.random(1e9)) end
function init(args) math.randomseed(os.time() + id) end
function request()
  local me, other = people[math.random(#people)], people[math.random(#people)]
  while other == me do other = people[math.random(#people)] end
  local headers = {{ ["Content-Type"] = "application/json" }}
  if {signed} then headers["Authorization"] = "Bearer " .. me[2] end
  number = number + 1
  if keyed then headers["Idempotency-Key"] = stamp .. "-" .. id .. "-" .. number end
  return wrk.format(method, path, headers, {body})
end
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request; `body` is a Lua expression over `me` and `other`, each {id, token, email}."""

    name: str
    method: str
    path: str
    body: str = "nil"
    is_keyed: bool = False
    is_signed: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of a scenario gave; milliseconds per request where it says ms."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    statements: float
    lock_ms: float
    cpu_ms: dict[str, float]

    @property
    def total_cpu_ms(self) -> float:
        """All server processes and the database together."""
        return sum(self.cpu_ms.values())


def scenarios(people: Sequence[Person]) -> list[Scenario]:
    """What the bench measures, in order."""
    plain, lazy = (json.dumps(one.user_id) for one in receivers(people))
    amount = '"amount":"0.000001"'
    return [
        Scenario("healthz", "GET", "/api/v1/healthz", is_signed=False),
        Scenario("verify", "GET", "/api/v1/auth/verify"),
        Scenario("me", "GET", "/api/v1/auth/me"),
        Scenario("wallet", "GET", "/api/v1/wallet"),
        Scenario("notifications", "GET", "/api/v1/notifications"),
        Scenario("challenges", "GET", "/api/v1/challenges", is_signed=False),
        Scenario(
            "transfer", "POST", "/api/v1/wallet/transfer",
            body=f"""'{{"to":"' .. other[1] .. '",{amount}}}'""", is_keyed=True,
        ),
        Scenario(
            "transfer to one", "POST", "/api/v1/wallet/transfer",
            body=f"""'{{"to":{plain},{amount}}}'""", is_keyed=True,
        ),
        Scenario(
            "transfer to lazy", "POST", "/api/v1/wallet/transfer",
            body=f"""'{{"to":{lazy},{amount}}}'""", is_keyed=True,
        ),
        Scenario("transactions", "GET", "/api/v1/wallet/transactions"),
        Scenario("ingest of 100", "POST", "/api/v1/analytics/events/ingest", body=_ingest_body()),
        Scenario(
            "login", "POST", "/api/v1/auth/login",
            body=f"""'{{"email":"' .. me[3] .. '","password":"{PASSWORD}"}}'""", is_signed=False,
        ),
    ]  # fmt: skip


def run(platform: Platform, scenario: Scenario, people: Sequence[Person], seconds: int) -> Figures:
    """Load the platform with one scenario.

    Raises:
        RuntimeError: wrk is missing or said nothing.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is missing: install the package wrk")
    script = platform.folder / "scenario.lua"
    script.write_text(_script(scenario, people))
    _wrk(platform, script, 1)
    _settle(platform)
    idle_per_second = _idle_statements_per_second()
    cpu, lock_ms, statements = platform.cpu_seconds(), _lock_ms(), _questions()
    output = _wrk(platform, script, seconds)
    cpu_after, statements_after = platform.cpu_seconds(), _questions()
    lock_ms_after = _lock_ms()
    statements_after -= round(idle_per_second * seconds)
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    if found is None:
        raise RuntimeError(output)
    requests, micros, p50, p99, errors = map(int, found.groups())
    return Figures(
        requests=requests,
        per_second=requests / (micros / 1e6),
        p50_ms=p50 / 1000,
        p99_ms=p99 / 1000,
        errors=errors,
        statements=max(statements_after - statements, 0) / max(requests, 1),
        lock_ms=(lock_ms_after - lock_ms) / max(requests, 1),
        cpu_ms={name: (cpu_after[name] - cpu[name]) * 1000 / max(requests, 1) for name in cpu},
    )


def _script(scenario: Scenario, people: Sequence[Person]) -> str:
    senders = people[len(receivers(people)) :]
    rows = ", ".join(f'{{"{one.user_id}", "{one.token}", "{one.email}"}}' for one in senders)
    return LUA.format(
        people=rows,
        method=scenario.method,
        path=scenario.path,
        keyed=str(scenario.is_keyed).lower(),
        signed=str(scenario.is_signed).lower(),
        body=scenario.body,
    )


def _wrk(platform: Platform, script: Path, seconds: int) -> str:
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), platform.url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _questions() -> int:
    return _status("Questions")


def _lock_ms() -> int:
    """Time that transactions waited for rows that others held."""
    return _status("Innodb_row_lock_time")


def _status(name: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE %s", [name])
        return int(cursor.fetchone()[1])


def _settle(platform: Platform) -> None:
    """Wait until what the warm-up left in the queues is answered: slow calls would be counted twice."""
    for _ in range(SETTLE_ROUNDS):
        before = sum(platform.cpu_seconds().values())
        time.sleep(0.25)
        if sum(platform.cpu_seconds().values()) - before < 0.05:
            return


def _idle_statements_per_second() -> float:
    """What the readers of the web processes ask while nobody calls."""
    before = _questions()
    time.sleep(IDLE_SECONDS)
    # The look itself is one.
    return (_questions() - before - 1) / IDLE_SECONDS


def _ingest_body() -> str:
    parts = "(function() local t = {} for i = 1, 100 do t[i] = "
    one = """'{"event_id":"' .. id .. '-' .. number .. '-' .. i .. '","name":"page_viewed","ts":"' .. """
    one += """os.date('!%Y-%m-%dT%H:%M:%SZ') .. '","properties":{"path":"/home","n":' .. i .. '}}'"""
    return f"""'{{"events":[' .. {parts}{one} end return table.concat(t, ',') end)() .. ']}}'"""
