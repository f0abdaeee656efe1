"""Pytest plugin: tests that commit can be cleaned up after, although triggers forbid deleting.

Django empties all tables with DELETE after a test with `transaction=True`. MySQL truncates instead, which
fires no trigger; on SQLite the triggers are taken away for that moment.
"""

from typing import Any

import pytest
from django.db import connection


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied() -> None:
    # The class, not the object: a browser test runs in a context of its own, with a connection of its own.
    operations: Any = type(connection.ops)
    flush = operations.sql_flush
    operations.sql_flush = _truncating(flush) if connection.vendor == "mysql" else _without_triggers(flush)


def _truncating(flush: Any) -> Any:
    def sql_flush(
        self: Any, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> Any:
        return flush(self, style, tables, reset_sequences=True, allow_cascade=allow_cascade)

    return sql_flush


def _without_triggers(flush: Any) -> Any:
    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in triggers]
        return [*drops, *flush(*args, **kwargs), *(sql for _, sql in triggers)]

    return sql_flush
