"""Prove that the ledger is whole."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from ogc.management.platform_command import PlatformCommand
from wallets.services.reconciliation import CheckStatus, checks_json, reconcile


class Command(PlatformCommand):
    """Exits 1 when a check is wrong; `unknown` (the chain can't be read) is no failure."""

    help = (
        "Check that postings sum to zero, balances equal their entries, and the chain holds what it should."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json`: one JSON object instead of lines."""
        parser.add_argument("--json", action="store_true", help="print {ok, checks} as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all checks and print them."""
        results = reconcile()
        is_ok = all(result.status != CheckStatus.WRONG for result in results)
        if options["json"]:
            checks = checks_json(results)
            self.stdout.write(json.dumps({"ok": is_ok, "checks": checks}))
        else:
            for result in results:
                self.stdout.write(f"{result.status.value:8}{result.name}: {result.detail}")
        if not is_ok:
            sys.exit(1)
