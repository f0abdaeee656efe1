"""`chain_status`: what the chain engine knows, for operators and monitors."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from wallets.chain.rpc import default_client
from wallets.chain.status import chain_status


class Command(BaseCommand):
    """Asks each endpoint now; nothing is cached."""

    help = "Network, heads, finality, breaker and signers; exits 1 when something is wrong."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        report = chain_status(default_client())
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            for name, value in report.items():
                self.stdout.write(f"{name:16} {value}")
        if not report["ok"]:
            sys.exit(1)
