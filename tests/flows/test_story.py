"""The main story over the API, in one process: from two strangers to tokens on the chain, and what was told
and counted on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from analytics.selectors import metric_series
from analytics.services.counts import days_count
from notifications.models import Delivery
from ogc import clock
from ogc.ids import uuid7
from ogc.local.mailbox import find_token
from tests.api_client import ApiClient
from tests.chain.conftest import chain, node  # noqa: F401  (fixtures)
from tests.chain.world import Chain, fresh_address
from wallets.services.reconciliation import reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.chain]

SEEDED_PASSWORD = "ogc-local-only-1"
PASSWORD = "Walks-the-whole-story-7"


@dataclass
class World:
    """The API, the jobs that are due, and the tokens of who is logged in."""

    api: ApiClient
    drain: Callable[[], None]
    logins: dict[str, ApiClient] = field(default_factory=dict)

    def call(self, who: str, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """One call, its jobs included; the answer's body."""
        key = uuid7() if method == "POST" else None
        answer = self.logins[who].call(method, path, body, key=key)
        assert answer.status_code == expect, (who, method, path, answer.status_code, answer.content)
        self.drain()
        return answer.json() if answer.content else None

    def log_in(self, who: str, email: str, password: str) -> None:
        answer = self.api.post(
            "auth/login", {"email": email, "password": password, "token_transport": "body"}
        )
        assert answer.status_code == 200, answer.content
        self.logins[who] = self.api.with_token(answer.json()["access"])

    def log_in_all(self) -> None:
        for name in ("ops", "ops2", "moderator", "alice", "bob", "carol"):
            self.log_in(name, f"{name}@ogc.local", SEEDED_PASSWORD)
        for name in ("ada", "ben"):
            self.log_in(name, f"{name}@example.org", PASSWORD)

    def go_to(self, instant: str) -> None:
        """Move platform time just past an instant; who was logged in logs in again."""
        clock.apply_offset(datetime.fromisoformat(instant) - clock.real_now() + timedelta(seconds=1))
        self.drain()
        self.log_in_all()


@pytest.fixture
def world(api, drain, chain, settings) -> World:  # noqa: F811
    settings.EMAIL_BACKEND = "notifications.clients.mail_files.EmailBackend"
    for name in ("LOGIN_IP", "LOGIN_ACCOUNT", "REGISTER", "DEFAULT", "MONEY"):
        setattr(settings, f"RATE_{name}", "off")
    call_command("seed")
    return World(api, drain)


def join(world: World, name: str) -> None:
    email = f"{name}@example.org"
    body = {"email": email, "password": PASSWORD, "name": name.capitalize()}
    answer = world.api.post("auth/register", body)
    assert answer.status_code == 201, answer.content
    world.drain()
    token = find_token(settings.OGC_VAR / "mail", email)
    assert world.api.post("auth/verify-email", {"token": token}).status_code == 200
    world.drain()
    again = world.api.post("auth/verify-email", {"token": token})
    assert again.status_code == 400
    world.log_in(name, email, PASSWORD)


def open_challenge(world: World) -> dict[str, Any]:
    now = clock.now()
    times = [(now + timedelta(minutes=minutes)).isoformat() for minutes in (1, 11, 11, 21)]
    names = ("starts_at", "submission_deadline", "voting_starts_at", "voting_ends_at")
    body = {
        "title": "A short story",
        "summary": "Tell in two lines what you would build.",
        "description": "One text each.",
        "category": "civic-innovation",
        "track": "freelancers",
        "rules": "Be kind.",
        "prize_pool": "150",
        "prize_split": {"mode": "fixed", "amounts": ["100", "50"]},
        "criteria": [{"name": "originality", "weight": 100}],
        "judging_mode": "votes",
        "visibility": "public",
        "premium": False,
        "minimum_plan": "free",
        "max_submissions": 1,
        "allowed_content_types": ["text"],
        **dict(zip(names, times, strict=True)),
    }
    challenge = world.call("ops", "POST", "challenges", body, expect=201)
    world.call("ops", "POST", f"challenges/{challenge['id']}/publish")
    return challenge


def submit(world: World, challenge: dict[str, Any], name: str) -> str:
    world.call(name, "POST", f"challenges/{challenge['id']}/enter", expect=201)
    body = {"challenge": challenge["id"], "text": f"{name} would build a bridge."}
    submission = world.call(name, "POST", "submissions", body, expect=201)
    path = f"submissions/{submission['id']}/approve"
    world.call("moderator", "POST", path, {"version": submission["version"]})
    return submission["id"]


def hold_the_challenge(world: World) -> dict[str, Any]:
    """From the draft to paid prizes: Ada wins 100, Ben gets 50."""
    challenge = open_challenge(world)
    world.go_to(challenge["starts_at"])
    work = {name: submit(world, challenge, name) for name in ("ada", "ben")}
    world.go_to(challenge["voting_starts_at"])
    for voter, name in (("alice", "ada"), ("bob", "ada"), ("carol", "ben")):
        world.call(voter, "POST", f"submissions/{work[name]}/vote", expect=201)
    world.go_to(challenge["voting_ends_at"])
    path = f"challenges/{challenge['id']}"
    world.call("ops", "POST", f"{path}/finalize", {"confirm": True})
    refused = world.logins["ops"].post(f"{path}/distribute", {"confirm": True}, key=uuid7())
    assert refused.status_code == 403
    world.call("ops2", "POST", f"{path}/distribute", {"confirm": True})
    board = world.call("ada", "GET", f"{path}/leaderboard")["results"]
    assert [(row["rank"], row["name"]) for row in board] == [(1, "Ada"), (2, "Ben")]
    return challenge


def move_tokens(world: World, chain: Chain) -> None:  # noqa: F811
    """5 OGC from Ada to Ben, 5 OGC from Ada to an address that nobody used."""
    assert world.call("ada", "GET", "wallet")["balances"]["available"] == "100"
    world.call("ada", "POST", "wallet/transfer", {"to": "ben@example.org", "amount": "5"}, expect=201)
    assert world.call("ben", "GET", "wallet")["balances"]["available"] == "55"
    to = fresh_address()
    withdrawal = world.call("ada", "POST", "wallet/transfer", {"to": to, "amount": "5"}, expect=202)
    chain.settle()
    world.drain()
    shown = world.call("ada", "GET", f"wallet/transactions/{withdrawal['id']}")
    assert (shown["status"], shown["chain"]["status"]) == ("completed", "confirmed")
    assert chain.tokens(to) == 5 * 10**18
    assert world.call("ada", "GET", "wallet")["balances"]["total"] == "90"


def check_what_was_told(world: World, challenge: dict[str, Any]) -> None:
    lines = world.call("ada", "GET", "notifications")["results"]
    assert [line["title"] for line in lines] == [
        "Your withdrawal of 5 OGC is final",
        "You received 100 OGC",
        "Your submission was approved",
    ]
    assert lines[1]["message"] == "100 OGC for rank 1 in “A short story” went to your wallet."
    assert lines[1]["data"]["challenge_id"] == challenge["id"]
    assert world.call("ada", "GET", "notifications/unread-count") == {"count": 3}
    assert {line["title"] for line in world.call("ben", "GET", "notifications")["results"]} == {
        "You received 50 OGC",
        "Your submission was approved",
    }
    statuses = Delivery.objects.values_list("status", flat=True)
    assert set(statuses) == {"delivered"}
    mails = Delivery.objects.filter(channel="email").values_list("public_id", flat=True)
    files = {file.stem for file in (settings.OGC_VAR / "mail").iterdir()}
    assert set(mails) <= files


def check_what_was_counted() -> None:
    days_count(days_back=2)
    counted = {
        name: sum(metric_series(name=name, days=7, interval="day").data)
        for name in ("entries", "submissions", "votes")
    }
    assert counted == {"entries": 2, "submissions": 2, "votes": 3}
    assert sum(metric_series(name="active_users", days=7, interval="day").data) >= 8


def test_from_two_strangers_to_tokens_on_the_chain(world, chain):  # noqa: F811
    for name in ("ada", "ben"):
        join(world, name)
    world.log_in_all()
    challenge = hold_the_challenge(world)
    move_tokens(world, chain)
    check_what_was_told(world, challenge)
    check_what_was_counted()
    assert {check.status.value for check in reconcile()} == {"ok"}
    call_command("verify_audit")
