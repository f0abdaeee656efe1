"""The ASGI application: one path, GET only."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson
from asgiref.sync import sync_to_async
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from notifications.services.stream import stream_channel
from notifications.stream.callers import StreamCaller, caller_of_header, caller_of_ticket
from notifications.stream.feed import frames
from ogc.api.errors import STATUS, envelope
from ogc.errors import DomainError, MethodNotAllowed, NotAuthenticated, NotFound, ServiceUnavailable
from ogc.ids import is_public_id
from ogc.middleware.platform import PERMISSIONS_POLICY, STRICT_POLICY, STRICT_TRANSPORT, request_id_of

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STREAM_PATH = "/api/v1/notifications/stream"
_COMMON_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", STRICT_POLICY.encode()),
    (b"strict-transport-security", STRICT_TRANSPORT.encode()),
    (b"permissions-policy", PERMISSIONS_POLICY.encode()),
    (b"x-accel-buffering", b"no"),
]

log = logging.getLogger(__name__)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


async def _http(scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    told = _cors_headers(headers.get(b"origin", ""))
    told.append((b"x-request-id", request_id_of(headers.get(b"x-request-id", "")).encode()))
    try:
        if scope["path"] != STREAM_PATH:
            raise NotFound
        if scope["method"] == "OPTIONS":
            await _answer(
                send, 204, [*told, (b"access-control-allow-headers", b"authorization, last-event-id")], b""
            )
            return
        if scope["method"] != "GET":
            raise MethodNotAllowed
        async with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1.0) as redis:
            await _stream(scope, headers, told, redis, receive, send)
    except DomainError as error:
        body = orjson.dumps(envelope(error.code, error.text, error.details))
        told.append((b"content-type", b"application/json"))
        if retry_after := error.details.get("retry_after"):
            told.append((b"retry-after", str(retry_after).encode()))
        await _answer(send, STATUS[error.kind], told, body)


async def _stream(
    scope: Message,
    headers: dict[bytes, str],
    told: list[tuple[bytes, bytes]],
    redis: Redis,
    receive: Receive,
    send: Send,
) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    caller = await _caller(headers, query, redis)
    last_event_id = headers.get(b"last-event-id") or query.get("last_event_id", [""])[0]
    subscription = redis.pubsub()
    try:
        await subscription.subscribe(stream_channel(caller.user_id))
        await subscription.get_message(timeout=1.0)
    except RedisError as error:
        raise ServiceUnavailable(retry_after=5) from error
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/event-stream"), *_COMMON_HEADERS, *told],
    }
    await send(start)
    feed = asyncio.ensure_future(
        _feed(caller, subscription, last_event_id if is_public_id(last_event_id) else "", send)
    )
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait({feed, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (feed, gone):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, RedisError, OSError):
                await task
        with contextlib.suppress(RedisError, OSError):
            await subscription.aclose()


async def _caller(headers: dict[bytes, str], query: dict[str, list[str]], redis: Redis) -> StreamCaller:
    if b"authorization" in headers:
        return await sync_to_async(caller_of_header)(headers[b"authorization"])
    if "ticket" in query:
        return await caller_of_ticket(redis, query["ticket"][0])
    raise NotAuthenticated


async def _feed(caller: StreamCaller, subscription: Any, last_event_id: str, send: Send) -> None:
    """Send frames to the end of the feed, then end the answer; without Redis the client comes back later."""
    try:
        async for data in frames(caller, subscription, last_event_id):
            await send({"type": "http.response.body", "body": data, "more_body": True})
    except (RedisError, OSError) as error:
        log.warning("stream lost Redis", extra={"error": repr(error)})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*_COMMON_HEADERS, *headers]})
    await send({"type": "http.response.body", "body": body})


def _cors_headers(origin: str) -> list[tuple[bytes, bytes]]:
    if origin not in settings.CORS_ALLOWED_ORIGINS:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
