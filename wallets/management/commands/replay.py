"""Rebuild all balances from the journal, beside the real ones, and compare."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ogc.amounts import format_amount
from ogc.management.platform_command import PlatformCommand
from wallets.services.replay import Difference, Replay, replay


class Command(PlatformCommand):
    """Exits 1 when a balance is not what its entries come to. Changes nothing but the shadow table."""

    help = "Rebuild all balances from the journal into a shadow table and name the first difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json`: one JSON object instead of lines; `--resume`: go on where a run was stopped."""
        parser.add_argument("--json", action="store_true", help="print what was found as JSON")
        parser.add_argument("--resume", action="store_true", help="go on after a run that was stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, with progress on the error stream."""
        found = replay(resume=options["resume"], progress=lambda done: self.stderr.write(f"{done} accounts"))
        if options["json"]:
            self.stdout.write(json.dumps(_body(found)))
        else:
            self.stdout.write(
                f"{found.accounts} accounts, {found.entries} entries: {found.differing} balances differ"
            )
            if found.first is not None:
                self.stdout.write(_text(found.first))
        if found.differing:
            sys.exit(1)


def _body(found: Replay) -> dict[str, Any]:
    """Amounts as decimal strings, as in the API."""
    body = {"ok": not found.differing, **asdict(found)}
    if found.first is not None:
        amounts = {name: format_amount(body["first"][name]) for name in ("stored", "replayed")}
        body["first"] = body["first"] | amounts
    return body


def _text(first: Difference) -> str:
    if first.posting:
        since = (
            f"posting {first.posting}, transaction {first.transaction}, or one of the 15 entries before it"
        )
    elif first.right_until:
        since = f"an entry after posting {first.right_until}, or the balance itself was changed"
    else:
        since = "one of its first entries, or the balance itself was changed"
    return (
        f"the first is {first.account}: stored {format_amount(first.stored)} OGC in {first.stored_count} "
        f"entries, replayed {format_amount(first.replayed)} OGC in {first.replayed_count}; since {since}"
    )
