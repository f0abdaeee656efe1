"""Tokens to try the platform with; runs with DEBUG only."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.selectors import user_by_email
from ogc.amounts import format_amount, parse_amount
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from wallets.chain.constants import ChainStatus
from wallets.chain.indexer import step
from wallets.chain.jobs import lanes
from wallets.chain.local_node import give_coin
from wallets.chain.network import NetworkMismatch, NetworkUnknown, network_get
from wallets.chain.rpc import RpcError, RpcUnavailable, default_client
from wallets.models import ChainTransaction
from wallets.services.faucet_sends import faucet_send
from wallets.services.treasury import faucet_user

CHAIN_SECONDS = 60
STEP_SECONDS = 0.5


class Command(PlatformCommand):
    """Each run gives the amount again."""

    help = (
        "Give a user tokens from the treasury and verify the user's e-mail address, or send tokens and "
        "native coin to an address of the local chain. DEBUG only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """To whom, and how much."""
        receiver = parser.add_mutually_exclusive_group(required=True)
        receiver.add_argument("--user", metavar="EMAIL", help="e-mail address of the user")
        receiver.add_argument("--address", metavar="0x…", help="address on the local chain")
        parser.add_argument("--amount", required=True, help='OGC, such as "1000" or "12.5"')

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse with the code of the service."""
        try:
            amount = parse_amount(options["amount"])
            if options["address"]:
                self.stdout.write(_send(options["address"], amount))
            else:
                self.stdout.write(_give(options["user"], amount))
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.text}") from None


def _give(email: str, amount: int) -> str:
    user = user_by_email(email)
    if user is None:
        raise CommandError(f"There is no user {email}.")
    transaction_id = faucet_user(user_id=user.public_id, amount=amount)
    return f"{format_amount(amount)} OGC to {email}: transaction {transaction_id}"


def _send(address: str, amount: int) -> str:
    """Send, and wait until it is final; worker and indexer need not run, and do no harm."""
    client = default_client()
    try:
        network_get()
        row = faucet_send(address=address, amount=amount)
        give_coin(client, row.receiver)
        until = time.monotonic() + CHAIN_SECONDS
        while row.status != ChainStatus.CONFIRMED and time.monotonic() < until:
            lanes()
            step(client)
            time.sleep(STEP_SECONDS)
            row = ChainTransaction.objects.get(pk=row.pk)
    except (NetworkMismatch, NetworkUnknown, RpcUnavailable, RpcError) as error:
        raise CommandError(f"The chain can't be used: {error}") from None
    if row.status != ChainStatus.CONFIRMED:
        raise CommandError(
            f"The payment is {row.status} after {CHAIN_SECONDS} s and goes on: {row.last_error}"
        )
    return f"{format_amount(amount)} OGC to {row.receiver}: {row.tx_hash}"
