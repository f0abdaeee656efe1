"""Changing the ledger as somebody with the database's password would: triggers are gone meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def without_triggers() -> Iterator[None]:
    """Take all triggers away, and bring them back. On MariaDB that commits: for tests with committed rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = dict(cursor.fetchall())
        else:
            cursor.execute(
                "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
            )
            triggers = {}
            for (name,) in cursor.fetchall():
                cursor.execute(f"SHOW CREATE TRIGGER {name}")
                triggers[name] = cursor.fetchone()[2]
        for name in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for sql in triggers.values():
                cursor.execute(sql.replace("%", "%%"), [])


def tamper(*statements: str) -> None:
    """Run these as they are."""
    with without_triggers(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
