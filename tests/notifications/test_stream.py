"""The stream application as an ASGI server drives it, on the real Redis."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import orjson
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import revocations, signing_keys
from accounts.models import Revocation
from notifications.services.notify import notify
from notifications.services.stream import notification_publish, ticket_issue
from notifications.stream import application, feed
from ogc import clock, reader
from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from tests.factories.notifications import NotificationFactory

pytestmark = pytest.mark.django_db

PATH = "/api/v1/notifications/stream"


class Connection:
    """One client: `status` and `headers` of the answer, `read` its next frame that is not a comment."""

    def __init__(self, path=PATH, query="", method="GET", headers=()):
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
        self.gone = asyncio.Event()
        self.sent: asyncio.Queue = asyncio.Queue()
        self.status, self.headers = 0, {}

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def start(self):
        self.task = asyncio.ensure_future(application(self.scope, self.receive, self.sent.put))
        first = await asyncio.wait_for(self.sent.get(), 5)
        self.status = first["status"]
        self.headers = {name.decode(): value.decode() for name, value in first["headers"]}

    async def body(self):
        """The next part of the body; None at the end."""
        message = await asyncio.wait_for(self.sent.get(), 5)
        return message["body"] if message.get("more_body") or message["body"] else None

    async def read(self):
        """The next event as (id, value); None at the end."""
        while (part := await self.body()) is not None:
            if part.startswith(b"id: "):
                lines = part.decode().splitlines()
                assert lines[1] == "event: notification"
                return lines[0].removeprefix("id: "), orjson.loads(lines[2].removeprefix("data: "))
        return None

    async def error_code(self):
        return orjson.loads(await self.body())["error"]["code"]


@asynccontextmanager
async def connected(**kwargs):
    client = Connection(**kwargs)
    await client.start()
    try:
        yield client
    finally:
        client.gone.set()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(client.task, 5)


@pytest.fixture(autouse=True)
def _fresh_reader(db):
    reader.refresh()


@pytest.fixture
def caller(person) -> Actor:
    return Actor(kind="user", user_id=person.public_id, scopes=frozenset({"self"}), session_id=uuid7())


def query_of(caller) -> str:
    return ticket_issue(actor=caller).url.partition("?")[2]


def test_a_notification_reaches_the_client_within_a_second(caller, django_capture_on_commit_callbacks):
    def tell():
        with django_capture_on_commit_callbacks(execute=True):
            notify(
                actor=SYSTEM,
                event_id=uuid7(),
                user_id=caller.user_id,
                template="challenges.submission_approved",
                context={"challenge": "Rivers"},
            )

    @async_to_sync
    async def story():
        async with connected(query=query_of(caller)) as client:
            assert client.status == 200
            assert client.headers["content-type"] == "text/event-stream"
            assert client.headers["cache-control"] == "no-store"
            started = time.monotonic()
            await sync_to_async(tell)()
            public_id, value = await client.read()
            assert time.monotonic() - started < 1
            assert value["id"] == public_id
            assert value["message"] == "Your submission to “Rivers” was approved."
            assert value["created_at"].endswith("Z")

    story()


def test_nobody_gets_what_is_told_to_others(caller, person):
    other, mine = NotificationFactory(), NotificationFactory(user=person)

    @async_to_sync
    async def story():
        async with connected(query=query_of(caller)) as client:
            await sync_to_async(notification_publish)(other.user.public_id, other)
            await sync_to_async(notification_publish)(caller.user_id, mine)
            assert (await client.read())[0] == mine.public_id

    story()


def test_a_ticket_opens_one_stream(caller):
    query = query_of(caller)

    @async_to_sync
    async def story():
        async with connected(query=query) as client:
            assert client.status == 200
        async with connected(query=query) as client:
            assert (client.status, await client.error_code()) == (401, "TOKEN_INVALID")

    story()


def test_a_bearer_token_opens_it_too(api, person):
    header = api.as_user(person)._headers["authorization"]

    @async_to_sync
    async def story():
        async with connected(headers=[("authorization", header)]) as client:
            assert client.status == 200
        async with connected(headers=[("authorization", "Bearer nonsense")]) as client:
            assert (client.status, await client.error_code()) == (401, "TOKEN_INVALID")

    story()


@pytest.mark.parametrize(
    ("kwargs", "status", "code"),
    [
        ({}, 401, "NOT_AUTHENTICATED"),
        ({"query": "ticket="}, 401, "NOT_AUTHENTICATED"),
        ({"query": "ticket=guess"}, 401, "TOKEN_INVALID"),
        ({"path": "/api/v1/wallet"}, 404, "NOT_FOUND"),
        ({"method": "POST"}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_refusals_use_the_envelope(kwargs, status, code):
    @async_to_sync
    async def story():
        async with connected(**kwargs) as client:
            assert (client.status, await client.error_code()) == (status, code)

    story()


def test_who_comes_back_gets_what_was_missed_in_order_and_once(caller, person):
    rows = [NotificationFactory(user=person) for _ in range(5)]
    NotificationFactory()

    @async_to_sync
    async def story():
        headers = [("last-event-id", rows[1].public_id)]
        async with connected(query=query_of(caller), headers=headers) as client:
            got = [(await client.read())[0] for _ in range(3)]
            assert got == [row.public_id for row in rows[2:]]
            await sync_to_async(notification_publish)(caller.user_id, rows[4])  # already sent
            new = NotificationFactory.build(user=person)
            await sync_to_async(notification_publish)(caller.user_id, new)
            assert (await client.read())[0] == new.public_id

    with CaptureQueriesContext(connection) as queries:
        story()
    assert len(queries) == 1


def test_at_most_the_newest_hundred_come_back(caller, person):
    rows = NotificationFactory.create_batch(105, user=person)

    @async_to_sync
    async def story():
        async with connected(
            query=query_of(caller), headers=[("last-event-id", rows[0].public_id)]
        ) as client:
            got = [(await client.read())[0] for _ in range(100)]
            assert got == [row.public_id for row in rows[5:]]

    story()


@pytest.mark.parametrize("kind", ["session", "suspended"])
def test_a_stream_ends_within_two_seconds_of_a_revocation(caller, kind):
    subject = caller.session_id if kind == "session" else caller.user_id
    row = Revocation(pk=1, kind=kind, subject=subject, valid_from=clock.real_now())

    @async_to_sync
    async def story():
        async with connected(query=query_of(caller)) as client:
            assert await client.body() == b"retry: 2000\n\n"
            revocations.note([row])
            started = time.monotonic()
            assert await client.read() is None
            assert time.monotonic() - started < 2

    story()


def test_a_compromised_signing_key_ends_streams_and_their_tickets_too(caller, monkeypatch):
    query, later_query = query_of(caller), query_of(caller)

    @async_to_sync
    async def story():
        async with connected(query=query) as client:
            assert await client.body() == b"retry: 2000\n\n"
            compromised = replace(signing_keys._memory, compromised_at=clock.now())
            monkeypatch.setattr(signing_keys, "_memory", compromised)
            started = time.monotonic()
            assert await client.read() is None
            assert time.monotonic() - started < 2
        async with connected(query=later_query) as client:
            assert await client.read() is None

    story()
    assert query_of(caller)


def test_a_ticket_of_an_ended_session_opens_nothing(caller):
    query = query_of(caller)
    revocations.note(
        [Revocation(pk=1, kind="session", subject=caller.session_id, valid_from=clock.real_now())]
    )

    @async_to_sync
    async def story():
        async with connected(query=query) as client:
            assert (client.status, await client.error_code()) == (401, "TOKEN_INVALID")

    story()


def test_a_process_that_does_not_know_who_is_revoked_ends_its_streams(caller, monkeypatch):
    monkeypatch.setattr(reader, "_last_read", time.monotonic() - 60)

    @async_to_sync
    async def story():
        async with connected(query=query_of(caller)) as client:
            assert await client.read() is None

    story()


def test_silence_is_broken_by_a_sign_of_life(caller, monkeypatch):
    monkeypatch.setattr(feed, "STREAM_HEARTBEAT_SECONDS", 0.1)

    @async_to_sync
    async def story():
        async with connected(query=query_of(caller)) as client:
            assert await client.body() == b"retry: 2000\n\n"
            assert await client.body() == feed.HEARTBEAT

    story()


def test_browsers_of_listed_origins_may_read_it(caller, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]

    @async_to_sync
    async def story():
        async with connected(method="OPTIONS", headers=[("origin", "https://app.example.org")]) as client:
            assert client.status == 204
            assert client.headers["access-control-allow-origin"] == "https://app.example.org"
        async with connected(
            query=query_of(caller), headers=[("origin", "https://evil.example.org")]
        ) as client:
            assert "access-control-allow-origin" not in client.headers

    story()


@pytest.mark.parametrize("given", ["req-42", "two words", ""])
def test_answers_carry_a_request_id_and_the_security_headers(caller, given):
    @async_to_sync
    async def story():
        headers = [("x-request-id", given)]
        for query in ("", query_of(caller)):
            async with connected(query=query, headers=headers) as client:
                assert (client.headers["x-request-id"] == given) is (given == "req-42")
                assert client.headers["x-request-id"]
                assert client.headers["content-security-policy"].startswith("default-src 'none'")
                assert client.headers["strict-transport-security"].startswith("max-age=")
                assert client.headers["x-frame-options"] == "DENY"
                assert client.headers["permissions-policy"]

    story()


def test_without_redis_the_client_is_told_when_to_come_back(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    @async_to_sync
    async def story():
        async with connected(query="ticket=guess") as client:
            assert (client.status, await client.error_code()) == (503, "SERVICE_UNAVAILABLE")
            assert int(client.headers["retry-after"]) > 0

    story()


def test_the_web_process_points_to_the_stream(api, settings):
    answer = api.get("notifications/stream?ticket=t")
    assert answer.status_code == 307
    assert answer["Location"] == f"{settings.STREAM_URL}?ticket=t"


def test_a_ticket_is_told_with_its_address(api, person, settings):
    body = api.as_user(person).post("notifications/stream-ticket")
    assert body.status_code == 201
    assert body["Cache-Control"] == "no-store"
    assert set(body.json()) == {"ticket", "url", "expires_in"}
    assert body.json()["expires_in"] == 30
    assert body.json()["url"] == f"{settings.STREAM_URL}?ticket={body.json()['ticket']}"
