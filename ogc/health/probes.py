"""What readiness looks at; apps add their own (the chain)."""

import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from ogc.redis import client

Probe = Callable[[], str]
"""Returns "ok", or a text for people that says what is wrong and what to do."""

_probes: dict[str, tuple[Probe, bool]] = {}
_migrated = False


def register_probe(name: str, probe: Probe, *, is_needed: bool) -> None:
    """Add a part; the process is not ready while a needed one is not ok."""
    _probes[name] = (probe, is_needed)


def run_all() -> tuple[bool, dict[str, Any]]:
    """Whether all needed parts are ok, and for each part {status, ms, message?}."""
    is_ready, checks = True, {}
    for name, (probe, is_needed) in _probes.items():
        started = time.perf_counter()
        try:
            message = probe()
        except Exception as error:
            message = type(error).__name__
        is_ok = message == "ok"
        is_ready = is_ready and (is_ok or not is_needed)
        checks[name] = {
            "status": "ok" if is_ok else "down",
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
        if not is_ok:
            checks[name]["message"] = message
    return is_ready, checks


def database() -> str:
    """One trivial statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return "The database does not answer."
    return "ok"


def redis() -> str:
    """One ping. The platform works without Redis, only slower: queued work waits for it."""
    try:
        client().ping()
    except RedisError:
        return "Redis does not answer; background work waits."
    return "ok"


def migrations() -> str:
    """Whether the tables are those of this code; looked at until they are."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "Migrations are missing: run manage.py migrate."


register_probe("database", database, is_needed=True)
register_probe("migrations", migrations, is_needed=True)
register_probe("redis", redis, is_needed=False)
