"""Move tokens from the treasury into a pool."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ogc.actors import SYSTEM
from ogc.amounts import format_amount, parse_amount
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from wallets.services.treasury import POOLS, pool_fund


class Command(PlatformCommand):
    """Each run moves the amount again."""

    help = "Move tokens from the treasury into rewards_pool or mining_pool."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which pool, and how much."""
        parser.add_argument("--pool", choices=[pool.value for pool in POOLS], default=POOLS[0].value)
        parser.add_argument("--amount", required=True, help='OGC, such as "1000" or "12.5"')
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse with the code of the service."""
        try:
            amount = parse_amount(options["amount"])
            transaction_id = pool_fund(
                actor=SYSTEM, pool=options["pool"], amount=amount, reason=options["reason"]
            )
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.text}") from None
        self.stdout.write(f"{format_amount(amount)} OGC to {options['pool']}: transaction {transaction_id}")
