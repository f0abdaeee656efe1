"""Move what the platform earned into the treasury."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ogc import clock
from ogc.actors import SYSTEM
from ogc.amounts import format_amount, parse_amount
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from wallets.selectors.balances import account_balance
from wallets.services.platform_moves import REVENUES, revenue_sweep


class Command(PlatformCommand):
    """Once for each account and key; without a key once a UTC day."""

    help = "Move fees or subscription revenue into the treasury, but for what is to stay for refunds."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which account, and what stays."""
        parser.add_argument("--account", choices=[kind.value for kind in REVENUES], required=True)
        parser.add_argument("--keep", default="", help='OGC that stay, such as "100"')
        parser.add_argument("--key", default="", help="names this sweep; the day by default")
        parser.add_argument("--reason", default="", help="kept in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="say what would move")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse with the code of the service."""
        account = options["account"]
        try:
            keep = parse_amount(options["keep"]) if options["keep"] else 0
            if options["dry_run"]:
                amount = max(account_balance(account) - keep, 0)
                self.stdout.write(f"{format_amount(amount)} OGC of {account} would go to the treasury")
                return
            move = revenue_sweep(
                actor=SYSTEM,
                account=account,
                keep=keep,
                source_key=options["key"] or clock.today().isoformat(),
                reason=options["reason"],
            )
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.text}") from None
        if move.transaction_id is None:
            self.stdout.write(f"nothing of {account} to move")
            return
        self.stdout.write(f"{format_amount(move.amount)} OGC of {account}: transaction {move.transaction_id}")
