"""One step of the indexer: look, follow the head, post what is final, judge finality.

Any number of indexers may run: every change is made under the position's row and only from the state it
expects.
"""

import logging
from dataclasses import dataclass

from django.conf import settings

from ogc.clock import real_now
from wallets.chain.blocks import Heads, HeadsUnclear, read_heads
from wallets.chain.final import read_final
from wallets.chain.local_node import mine_while_unfinished
from wallets.chain.near import read_near
from wallets.chain.network import (
    Network,
    NetworkUnknown,
    hot_addresses,
    network_get,
    record_configured,
    verify,
)
from wallets.chain.outcomes import close_final, track_mined
from wallets.chain.rpc import RpcClient, RpcError, default_client
from wallets.chain.rules import breaker_reason
from wallets.models.chain import ChainPosition, ChainSigner
from wallets.services.custody import genesis_is_booked

log = logging.getLogger(__name__)

FALLBACK_DEPTH = 256
"""Depth that counts as final on a node without the `finalized` tag: the deepest tier, for any amount."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: blocks followed and posted, rows mined and ended, whether a block was mined by
    us."""

    followed: int = 0
    posted: int = 0
    mined: int = 0
    ended: int = 0
    forced_block: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do, so that the next step may wait."""
        return not (self.followed or self.posted or self.mined or self.ended)


def network_ready(client: RpcClient) -> Network:
    """The recorded network, checked against the node; outside the local node it is recorded on first use.

    Raises:
        NetworkMismatch, NetworkUnknown, RpcUnavailable.
    """
    try:
        network = network_get()
    except NetworkUnknown:
        network = record_configured(client)
    verify(client, network)
    return network


def step(client: RpcClient | None = None) -> Step:
    """Look at the node once and record what is new.

    Raises:
        NetworkMismatch, NetworkUnknown: the caller stops.
        RpcUnavailable: the caller tries again later.
    """
    client = client or default_client()
    network = network_ready(client)
    if not genesis_is_booked():
        raise NetworkUnknown("the ledger is not seeded yet: run manage.py seed")
    hot = hot_addresses()
    try:
        heads = read_heads(client, FALLBACK_DEPTH)
        _judge_finality(heads)
        followed = read_near(client, network, heads, hot)
        mined = track_mined(client)
        if mined:
            # Room for more: a lane that waited for these need not wait longer.
            ChainSigner.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=None)
        posted = read_final(client.second(), network, heads.finalized.number, hot)
        ended = close_final(client.second(), network, heads.finalized.number)
    except (HeadsUnclear, RpcError) as error:
        log.warning("the node's answers do not fit together yet", extra={"error": str(error)})
        return Step(forced_block=mine_while_unfinished(client, network))
    return Step(followed, posted, mined, ended, mine_while_unfinished(client, network))


def catch_up(client: RpcClient | None = None, limit: int = 10_000) -> int:
    """Step until nothing is new. Returns the number of steps."""
    for count in range(1, limit + 1):
        if step(client).is_idle:
            return count
    return limit


def _judge_finality(heads: Heads) -> None:
    """Record the heads, and hold withdrawals while finality stalls."""
    lag_seconds = max(0, heads.latest.timestamp - heads.finalized.timestamp)
    reason = breaker_reason(
        lag_blocks=heads.latest.number - heads.finalized.number,
        lag_seconds=lag_seconds,
        limits={
            "blocks": settings.CHAIN_MAX_FINALITY_LAG_BLOCKS,
            "seconds": settings.CHAIN_MAX_FINALITY_LAG_SECONDS,
        },
    )
    position = ChainPosition.objects.filter(key="active")
    if position.exclude(breaker=bool(reason)).exists():
        log.warning("withdrawals are held" if reason else "withdrawals go on", extra={"reason": reason})
    position.update(
        head_number=heads.latest.number,
        finalized_number=heads.finalized.number,
        lag_seconds=lag_seconds,
        breaker=bool(reason),
        breaker_reason=reason,
        checked_at=real_now(),
    )
