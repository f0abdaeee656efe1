"""The multi-row insert of events, built once per process.

A batch of 100 events must cost about a millisecond, database included, so values go to the driver as they are
stored: times as UTC text, JSON as text, people as row numbers.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection

from analytics.models import Event

Row = tuple[str, str, str, str, int | None, str, str]
"""dedupe_key, name, ts, received_at, row number of the user, session_id, properties as JSON text."""

_FIELDS = ("dedupe_key", "name", "ts", "received_at", "user", "session_id", "properties")
# What `INSERT … ignore what is there` is called. Values were checked before: nothing else is there to ignore.
_HEADS = {"sqlite": "INSERT OR IGNORE INTO", "mysql": "INSERT IGNORE INTO"}


def instant_text(instant: datetime) -> str:
    """A UTC instant as both databases store it."""
    return instant.replace(tzinfo=None).isoformat(" ")


def json_text(value: dict[str, Any]) -> str:
    """JSON text of checked properties."""
    return orjson.dumps(value).decode() if value else "{}"


def events_insert(rows: Sequence[Row]) -> int:
    """Insert in one statement what is not there yet; how many rows were new."""
    if not rows:
        return 0
    head, row_sql = _statement(connection.vendor)
    parameters = [value for row in rows for value in row]
    with connection.cursor() as cursor:
        cursor.execute(head + ",".join([row_sql] * len(rows)), parameters)
        return int(cursor.rowcount)


@lru_cache(maxsize=4)
def _statement(vendor: str) -> tuple[str, str]:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(Event._meta.get_field(name).column) for name in _FIELDS)
    head = f"{_HEADS[vendor]} {quote(Event._meta.db_table)} ({columns}) VALUES "
    return head, f"({','.join(['%s'] * len(_FIELDS))})"
