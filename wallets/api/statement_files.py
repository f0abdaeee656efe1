"""Statements as files: written to their end before they are sent, so that no snapshot of the database waits
for a slow client. A long one goes from memory to a temporary file.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

import orjson

from ogc.amounts import format_amount
from ogc.api.csv import csv_text
from wallets.api.shapes import line_json
from wallets.selectors.statements import Balances, BookLine

MEMORY_BYTES = 1024 * 1024

CSV_COLUMNS = (
    "created_at", "transaction", "type", "posting", "account", "amount", "balance_after", "direction",
    "counterparty_kind", "counterparty", "counterparty_id", "memo", "cause_kind", "cause_id",
)  # fmt: skip

Parts = Iterator[Balances | BookLine]
"""What `selectors.statements.statement_lines` gives: opening balances, lines, closing balances."""


def json_file(parts: Parts, since: datetime, until: datetime) -> IO[bytes]:
    """The shape `StatementOut`."""
    file = _file()
    opening = closing = _balances(next(parts))
    head = {"from": since, "to": until, "opening_balance": format_amount(opening.total)}
    file.write(_bytes(head)[:-1] + b',"entries":[')
    comma = b""
    for part in parts:
        if isinstance(part, Balances):
            closing = part
            continue
        file.write(comma + _bytes(line_json(part)))
        comma = b","
    tail = {
        "closing_balance": format_amount(closing.total),
        "accounts": {
            kind: {"opening": format_amount(amount), "closing": format_amount(closing.by_kind[kind])}
            for kind, amount in opening.by_kind.items()
        },
    }
    file.write(b"]," + _bytes(tail)[1:])
    file.seek(0)
    return file


def csv_file(parts: Parts, since: datetime, until: datetime) -> IO[bytes]:
    """A line for each entry, between one with the opening balance and one with the closing balance."""
    file = _file()
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    ends = iter((("opening_balance", since), ("closing_balance", until)))
    for part in parts:
        line = _end_line(part, *next(ends)) if isinstance(part, Balances) else _csv_line(part)
        writer.writerow([line.get(column, "") for column in CSV_COLUMNS])
    text.detach()
    file.seek(0)
    return file


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)


def _end_line(balances: Balances, name: str, at: datetime) -> dict[str, str]:
    total = format_amount(balances.total)
    return {"created_at": _instant(at), "type": name, "account": "total", "balance_after": total}


def _csv_line(line: BookLine) -> dict[str, str]:
    party = line.counterparty
    return line_json(line) | {
        "created_at": _instant(line.posted_at),
        "counterparty_kind": party.kind,
        "counterparty": csv_text(party.name),
        "counterparty_id": csv_text(party.id or ""),
        "memo": csv_text(line.memo),
        "cause_kind": line.cause.kind,
        "cause_id": csv_text(line.cause.id),
    }


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _balances(part: Balances | BookLine) -> Balances:
    assert isinstance(part, Balances)
    return part


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
