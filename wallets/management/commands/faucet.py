"""Tokens to try the platform with; runs with DEBUG only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.selectors import user_by_email
from ogc.amounts import format_amount, parse_amount
from ogc.errors import DomainError
from wallets.services.treasury import faucet_user


class Command(BaseCommand):
    """Each run gives the amount again."""

    help = "Give a user tokens from the treasury, and verify the user's e-mail address. DEBUG only."

    def add_arguments(self, parser: CommandParser) -> None:
        """To whom, and how much."""
        parser.add_argument("--user", metavar="EMAIL", required=True, help="e-mail address of the user")
        parser.add_argument("--amount", required=True, help='OGC, such as "1000" or "12.5"')

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse with the code of the service."""
        user = user_by_email(options["user"])
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            amount = parse_amount(options["amount"])
            transaction_id = faucet_user(user_id=user.public_id, amount=amount)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.text}") from None
        self.stdout.write(f"{format_amount(amount)} OGC to {options['user']}: transaction {transaction_id}")
