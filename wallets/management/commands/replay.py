"""Rebuild all balances from the journal, beside the real ones, and compare."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ogc.amounts import format_amount
from ogc.db.solo import AlreadyRunning
from ogc.management.platform_command import PlatformCommand
from wallets.services.ledger_replay.naming import Verdict
from wallets.services.ledger_replay.oddities import Oddity
from wallets.services.replay import Difference, Replay, replay

ALREADY_RUNNING = 2


class Command(PlatformCommand):
    """Exits 1 when the journal and what is stored beside it differ, 2 when another replay is running.

    Changes nothing but the shadow table.
    """

    help = "Rebuild all balances from the journal into a shadow table and name the first difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json`: one JSON object instead of lines; `--resume`: go on where a run was stopped."""
        parser.add_argument("--json", action="store_true", help="print what was found as JSON")
        parser.add_argument("--resume", action="store_true", help="go on after a run that was stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, with progress on the error stream."""
        try:
            found = replay(
                resume=options["resume"], progress=lambda done: self.stderr.write(f"{done} accounts")
            )
        except AlreadyRunning:
            raise CommandError("another replay is running", returncode=ALREADY_RUNNING) from None
        if options["json"]:
            self.stdout.write(json.dumps(_body(found)))
        else:
            self.stdout.write("\n".join(_lines(found)))
        if not found.is_whole:
            sys.exit(1)


def _body(found: Replay) -> dict[str, Any]:
    """Amounts as decimal strings, as in the API."""
    body: dict[str, Any] = {"ok": found.is_whole, **asdict(found)}
    if (first := body["first"]) is not None:
        first |= {name: format_amount(first[name]) for name in ("stored", "replayed")}
        for candidate in first["cause"]["candidates"]:
            candidate["amount"] = format_amount(candidate["amount"])
    if found.first_odd is not None:
        body["first_odd"] = {name: body["first_odd"][name] for name in ("posting", "transaction", "why")}
    return body


def _lines(found: Replay) -> list[str]:
    lines = [f"{found.accounts} accounts, {found.entries} entries: {found.differing} accounts differ"]
    if found.first is not None:
        lines += _first_lines(found.first)
    if found.first_odd is not None:
        lines.append(f"{found.odd} postings can't be right; the first is {_odd_text(found.first_odd)}")
    return lines


def _first_lines(first: Difference) -> list[str]:
    cause = first.cause
    lines = [
        f"the first is {first.account}: stored {format_amount(first.stored)} OGC in {first.stored_count} "
        f"entries, replayed {format_amount(first.replayed)} OGC in {first.replayed_count}",
        f"  {_between(cause)}",
    ]
    if cause.transaction:
        posting = f"posting {cause.posting} of " if cause.posting else ""
        lines.append(f"  it is {posting}transaction {cause.transaction}: {cause.why}")
    elif cause.why:
        lines.append(f"  {cause.why}")
    return lines + [
        f"    {one.posting}, transaction {one.transaction}: {format_amount(one.amount)} OGC"
        for one in cause.candidates
    ]


def _between(cause: Verdict) -> str:
    start = f"after posting {cause.after}" if cause.after else "from its beginning"
    return f"{start}, {f'up to posting {cause.until}' if cause.until else 'up to its balance'}"


def _odd_text(odd: Oddity) -> str:
    return f"{f'posting {odd.posting} of ' if odd.posting else ''}transaction {odd.transaction}: {odd.why}"
