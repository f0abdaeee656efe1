"""The multi-row insert of events, built once per process.

A batch of 100 events must cost about a millisecond, database included: one statement without a transaction
around it, and only what clients chose as parameters (the driver's quoting of 700 values costs more than all
checks). Times and row numbers are made by us, from parsed values, and stand in the statement as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import OperationalError, connection

from analytics.models import Event
from ogc.db.transactions import in_transaction, is_retryable, run_in_transaction


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row to be; `ts` in UTC, `user` a row number."""

    dedupe_key: str
    name: str
    ts: datetime
    user: int | None
    session_id: str
    properties: dict[str, Any]


_FIELDS = ("dedupe_key", "name", "properties", "session_id", "ts", "received_at", "user")
# What `INSERT … ignore what is there` is called. Values were checked before: nothing else is there to ignore.
_HEADS = {"sqlite": "INSERT OR IGNORE INTO", "mysql": "INSERT IGNORE INTO"}


def events_insert(rows: Sequence[EventRow], *, received_at: datetime) -> int:
    """Insert in one statement what is not there yet; how many rows were new.

    Outside a transaction the statement commits itself; only when the database gives it up it is run again in
    one.
    """
    if not rows:
        return 0
    try:
        return _execute(rows, received_at)
    except OperationalError as error:
        if in_transaction() or not is_retryable(error):
            raise
        return run_in_transaction(lambda: _execute(rows, received_at))


def _execute(rows: Sequence[EventRow], received_at: datetime) -> int:
    tail = f"'{_instant(received_at)}'"
    values: list[str] = []
    parameters: list[str] = []
    for row in rows:
        parameters += (row.dedupe_key, row.name, orjson.dumps(row.properties).decode())
        session = "''"
        if row.session_id:
            session = "%s"
            parameters.append(row.session_id)
        values.append(f"(%s,%s,%s,{session},'{_instant(row.ts)}',{tail},{_number(row.user)})")
    with connection.cursor() as cursor:
        cursor.execute(_head(connection.vendor) + ",".join(values), parameters)
        return int(cursor.rowcount)


def _instant(instant: datetime) -> str:
    """A UTC instant as both databases store it: digits and separators only."""
    return instant.replace(tzinfo=None).isoformat(" ")


def _number(row_number: int | None) -> str:
    return "NULL" if row_number is None else str(int(row_number))


@lru_cache(maxsize=4)
def _head(vendor: str) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(name)) for name in _FIELDS)
    return f"{_HEADS[vendor]} {quote(Event._meta.db_table)} ({columns}) VALUES "


def _column(name: str) -> str:
    return str(Event._meta.get_field(name).column)  # type: ignore[union-attr]
