"""`indexer`: the process that follows the chain."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import CommandError
from django.db import close_old_connections

from ogc import reader
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from wallets.chain.indexer import step
from wallets.chain.jobs import poke_lanes
from wallets.chain.lane import signers_due
from wallets.chain.network import NetworkMismatch, NetworkUnknown
from wallets.chain.rpc import RpcUnavailable

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
WAIT_SECONDS = 3.0
STOPPED_SECONDS = 10.0


class Command(PlatformCommand):
    """Waits longer when the chain can't be reached; two of it do no harm."""

    help = (
        "Follow the chain: mined and final transactions, deposits, reorganisations. Runs until it is stopped."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="Take one step and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Step once a second; wait longer while the node is away or another chain: then nothing is done."""
        if options["once"]:
            _step()
            return
        reader.start()
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        while not ended.is_set():
            ended.wait(_step_or_wait())
            close_old_connections()


def _step() -> float:
    """One step. Returns the seconds until the next. Raises CommandError when the node is another chain."""
    try:
        done = step()
    except NetworkMismatch as error:
        raise CommandError(str(error)) from error
    except (NetworkUnknown, RpcUnavailable, DomainError) as error:
        log.warning("the indexer waits", extra={"error": str(error)})
        return WAIT_SECONDS
    if signers_due(1):
        poke_lanes()
    return 0.0 if done.posted > 1 or done.followed > 1 else PAUSE_SECONDS


def _step_or_wait() -> float:
    try:
        return _step()
    except CommandError as error:
        log.critical("the indexer stands still", extra={"error": str(error)})
        return STOPPED_SECONDS
