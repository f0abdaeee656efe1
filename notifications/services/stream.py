"""Live notifications: tickets that open a stream, and publishing what was written.

Redis carries both and may lose both: a client that misses something finds it in the list, or asks again with
`Last-Event-ID`.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass

import orjson
from django.conf import settings
from redis.exceptions import RedisError

from accounts.authentication import trust_stamp
from notifications.constants import STREAM_TICKET_SECONDS
from notifications.models import Notification
from notifications.shapes import notification_shape
from ogc import redis
from ogc.actors import Actor
from ogc.errors import NotAuthenticated, ServiceUnavailable

log = logging.getLogger(__name__)

_TICKET_BYTES = 32


@dataclass(frozen=True, slots=True)
class StreamTicket:
    """A one-time pass; `url` has it in its query, since browsers can't send headers with an event stream."""

    ticket: str
    url: str
    expires_in: int


def stream_channel(user_id: str) -> str:
    """Redis channel of one person's notifications."""
    return f"ogc:stream:{user_id}"


def ticket_key(ticket: str) -> str:
    """Redis key of a ticket; only its hash is kept."""
    return f"ogc:stream-ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"


def ticket_issue(*, actor: Actor) -> StreamTicket:
    """A ticket for the caller's own stream.

    Raises:
        NotAuthenticated: not a person with a session.
        ServiceUnavailable: Redis is away.
    """
    if actor.user_id is None or actor.session_id is None:
        raise NotAuthenticated
    ticket = secrets.token_urlsafe(_TICKET_BYTES)
    caller = orjson.dumps({"user_id": actor.user_id, "session_id": actor.session_id, "stamp": trust_stamp()})
    try:
        redis.client().set(ticket_key(ticket), caller, ex=STREAM_TICKET_SECONDS)
    except RedisError as error:
        raise ServiceUnavailable(retry_after=5) from error
    return StreamTicket(ticket, f"{settings.STREAM_URL}?ticket={ticket}", STREAM_TICKET_SECONDS)


def notification_publish(user_id: str, notification: Notification) -> None:
    """Send a committed row to the person's open streams, wherever they are; best effort."""
    try:
        redis.client().publish(
            stream_channel(user_id), orjson.dumps(notification_shape(notification), option=orjson.OPT_UTC_Z)
        )
    except RedisError as error:
        log.warning(
            "could not publish", extra={"notification_id": notification.public_id, "error": repr(error)}
        )
