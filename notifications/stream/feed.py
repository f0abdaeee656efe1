"""What one connected client gets: what it missed, then what comes, and a sign of life in between."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from redis.asyncio.client import PubSub

from notifications.constants import STREAM_CHECK_SECONDS, STREAM_HEARTBEAT_SECONDS
from notifications.selectors import notifications_after
from notifications.shapes import notification_shape
from notifications.stream.callers import StreamCaller

HEARTBEAT = b": still here\n\n"


def frame(shape: dict[str, Any]) -> bytes:
    """One server-sent event; JSON has no raw line breaks, so it is one data line."""
    return b"id: %s\nevent: notification\ndata: %s\n\n" % (
        shape["id"].encode(),
        orjson.dumps(shape, option=orjson.OPT_UTC_Z),
    )


@sync_to_async
def missed_frames(caller: StreamCaller, last_event_id: str) -> dict[str, bytes]:
    """Id → frame of what came after `last_event_id`, oldest first; one query."""
    close_old_connections()
    return {
        row.public_id: frame(notification_shape(row))
        for row in notifications_after(caller.user_id, last_event_id)
    }


async def frames(caller: StreamCaller, subscription: PubSub, last_event_id: str) -> AsyncIterator[bytes]:
    """Frames for one client until the caller is no longer welcome or Redis goes away.

    Args:
        subscription: already subscribed, so that nothing falls between the query and the first message.
        last_event_id: id of the last notification that the client saw; empty: it asks for nothing old.
    """
    yield b"retry: 2000\n\n"
    sent = await missed_frames(caller, last_event_id) if last_event_id else {}
    for known in sent.values():
        yield known
    spoke_at = time.monotonic()
    while caller.is_still_welcome():
        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=STREAM_CHECK_SECONDS)
        if message is not None and message["type"] == "message":
            shape = orjson.loads(message["data"])
            if shape["id"] not in sent:
                yield frame(shape)
                spoke_at = time.monotonic()
        elif time.monotonic() - spoke_at > STREAM_HEARTBEAT_SECONDS:
            yield HEARTBEAT
            spoke_at = time.monotonic()
        await asyncio.sleep(0)
