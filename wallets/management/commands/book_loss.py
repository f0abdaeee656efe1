"""Book tokens that were lost outside the ledger."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ogc.actors import SYSTEM
from ogc.amounts import format_amount, parse_amount
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from wallets.services.platform_moves import loss_book


class Command(PlatformCommand):
    """Once for each key."""

    help = "Move tokens from losses to the account that lacks them, such as onchain_hot."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, how much, and why."""
        parser.add_argument("--to", required=True, help="key of the account")
        parser.add_argument("--amount", required=True, help='OGC, such as "12.5"')
        parser.add_argument("--key", required=True, help="names this loss: booked once")
        parser.add_argument("--reason", required=True, help="kept in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="say what would be booked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse with the code of the service."""
        try:
            amount = parse_amount(options["amount"])
            text = f"{format_amount(amount)} OGC from losses to {options['to']}"
            if options["dry_run"]:
                self.stdout.write(f"would book {text}")
                return
            move = loss_book(
                actor=SYSTEM,
                to_account=options["to"],
                amount=amount,
                source_key=options["key"],
                reason=options["reason"],
            )
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.text}") from None
        self.stdout.write(f"{format_amount(move.amount)} OGC from losses: transaction {move.transaction_id}")
