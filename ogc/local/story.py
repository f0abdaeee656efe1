"""`make story`: the main story against a running platform, from outside, over HTTP only.

Two people register, verify, log in, enter a challenge with short times, submit, get approved, are voted for;
the challenge is finalised by one admin and distributed by another; the winner sends 5 OGC to the other person
and withdraws 5 OGC to a fresh address, whose ERC-20 balance is read from the node. Prints each step's time.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests
from eth_account import Account

from ogc.local.http import Person, UnexpectedAnswer, ask_node, erc20_balance
from ogc.local.mailbox import find_token
from ogc.local.ports import service_urls
from ogc.settings.environment import read_environment

SEEDED_PASSWORD = "ogc-local-only-1"
STORY_PASSWORD = "Walks-the-whole-story-7"
SUBMIT_SECONDS = 12
VOTE_SECONDS = 8
WAIT_SECONDS = 90
POLL_SECONDS = 0.25
FIVE_OGC_WEI = 5 * 10**18


@dataclass(slots=True)
class Steps:
    """Prints what happens and how long it took."""

    started: float = field(default_factory=time.monotonic)
    count: int = 0

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """One step of the story; its time is printed when it is over."""
        self.count += 1
        before = time.monotonic()
        yield
        print(f"{self.count:3}. {text:<72} {time.monotonic() - before:7.2f} s", flush=True)  # noqa: T201

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.monotonic() - self.started


def wait_for(what: str, check: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
    """The first true answer of `check`.

    Raises:
        UnexpectedAnswer: it did not come in time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = check()
        if answer:
            return answer
        time.sleep(POLL_SECONDS)
    raise UnexpectedAnswer(f"{what} did not happen within {seconds:.0f} s")


@dataclass(slots=True)
class Story:
    """The people, the places, and what the steps hand on to each other."""

    base_url: str
    rpc_url: str
    mail: Path
    steps: Steps = field(default_factory=Steps)
    clock_offset: timedelta = timedelta()
    challenge: dict[str, Any] = field(default_factory=dict)
    submissions: dict[str, str] = field(default_factory=dict)
    ada: Person = field(init=False)
    ben: Person = field(init=False)
    staff: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        run = f"{int(time.time() * 1000):x}"
        self.ada = Person(self.base_url, "Ada", f"ada-{run}@example.org", STORY_PASSWORD)
        self.ben = Person(self.base_url, "Ben", f"ben-{run}@example.org", STORY_PASSWORD)
        for name in ("ops", "ops2", "moderator", "alice", "bob", "carol"):
            self.staff[name] = Person(self.base_url, name, f"{name}@ogc.local", SEEDED_PASSWORD)

    def now(self) -> datetime:
        """The platform's time."""
        return datetime.now(UTC) + self.clock_offset

    def tell(self) -> None:
        """The whole story in order."""
        self.people_join()
        self.challenge_opens()
        self.work_is_submitted()
        self.votes_are_cast()
        self.prizes_are_paid()
        self.tokens_move()

    def people_join(self) -> None:
        """Register, verify with the token of the mail file, log in."""
        for person in (self.ada, self.ben):
            with self.steps.step(f"{person.name} registers as {person.email}"):
                body = {"email": person.email, "password": person.password, "name": person.name}
                user = person.post("auth/register", body, expect=201)["user"]
                created = datetime.fromisoformat(user["created_at"])
                self.clock_offset = created - datetime.now(UTC)
            with self.steps.step(f"{person.name} verifies with the token of the mail file"):
                token = wait_for("the mail", partial(find_token, self.mail, person.email))
                person.post("auth/verify-email", {"token": token})
            with self.steps.step(f"{person.name} logs in"):
                person.log_in()
        with self.steps.step("The admins, the moderator and three voters log in"):
            for member in self.staff.values():
                member.log_in()

    def challenge_opens(self) -> None:
        """An admin creates, publishes and opens a challenge with short times; both people enter."""
        ops = self.staff["ops"]
        with self.steps.step("ops creates a challenge with a prize pool of 150 OGC"):
            categories = ops.get("challenges/categories")
            category = (categories["results"] if isinstance(categories, dict) else categories)[0]["slug"]
            self.challenge = ops.post("challenges", self.challenge_body(category), expect=201)
        with self.steps.step("ops publishes it: the prize pool moves into its escrow"):
            ops.post(f"challenges/{self.challenge['id']}/publish")
        with self.steps.step("ops opens it"):
            ops.post(f"challenges/{self.challenge['id']}/open")
        for person in (self.ada, self.ben):
            with self.steps.step(f"{person.name} enters"):
                person.post(f"challenges/{self.challenge['id']}/enter", expect=201)

    def challenge_body(self, category: str) -> dict[str, Any]:
        """A votes challenge that takes work for SUBMIT_SECONDS and votes for VOTE_SECONDS."""
        starts = self.now() + timedelta(seconds=2)
        deadline = starts + timedelta(seconds=SUBMIT_SECONDS)
        ends = deadline + timedelta(seconds=VOTE_SECONDS)
        return {
            "title": f"A story in {SUBMIT_SECONDS} seconds ({starts:%Y-%m-%d %H:%M:%S.%f})",
            "summary": "Tell in two lines what you would build.",
            "description": "Made by `make story`.",
            "category": category,
            "track": "freelancers",
            "rules": "One text each.",
            "prize_pool": "150",
            "prize_split": {"mode": "fixed", "amounts": ["100", "50"]},
            "criteria": [{"name": "Originality", "weight": 100}],
            "judging_mode": "votes",
            "visibility": "public",
            "premium": False,
            "minimum_plan": "free",
            "max_submissions": 1,
            "allowed_content_types": ["text"],
            "starts_at": as_text(starts),
            "submission_deadline": as_text(deadline),
            "voting_starts_at": as_text(deadline),
            "voting_ends_at": as_text(ends),
        }

    def work_is_submitted(self) -> None:
        """Both submit a text, the moderator approves both versions."""
        moderator = self.staff["moderator"]
        for person in (self.ada, self.ben):
            with self.steps.step(f"{person.name} submits a text"):
                body = {"challenge": self.challenge["id"], "text": f"{person.name} would build a bridge."}
                submission = person.post("submissions", body, expect=201)
                self.submissions[person.name] = submission["id"]
            with self.steps.step(f"The moderator approves {person.name}'s submission"):
                moderator.post(f"submissions/{submission['id']}/approve", {"version": submission["version"]})

    def votes_are_cast(self) -> None:
        """After the deadline others vote: two for Ada, one with the weight of a pro plan for Ben."""
        with self.steps.step("The deadline passes, voting starts"):
            self.wait_until("voting_starts_at")
        for voter, name in (("alice", "Ada"), ("bob", "Ada"), ("carol", "Ben")):
            with self.steps.step(f"{voter} votes for {name}"):
                self.staff[voter].post(f"submissions/{self.submissions[name]}/vote", expect=201)
        with self.steps.step("Voting ends"):
            self.wait_until("voting_ends_at")

    def wait_until(self, name: str) -> None:
        """Sleep until that instant of the challenge, on the platform's clock."""
        instant = datetime.fromisoformat(self.challenge[name])
        time.sleep(max(0.0, (instant - self.now()).total_seconds() + 0.5))

    def prizes_are_paid(self) -> None:
        """One admin finalises, another distributes; the winner's reward is in the wallet."""
        path = f"challenges/{self.challenge['id']}"
        with self.steps.step("ops looks at the preview and finalises: the ranks are frozen"):
            self.staff["ops"].post(f"{path}/finalize?preview=true")
            self.staff["ops"].post(f"{path}/finalize", {"confirm": True})
        with self.steps.step("ops2 distributes the prizes"):
            self.staff["ops2"].post(f"{path}/distribute", {"confirm": True}, expect=(200, 202))
        with self.steps.step("Ada's wallet shows the reward of 100 OGC"):
            wait_for("the reward", lambda: self.ada.get("wallet")["balances"]["available"] == "100")

    def tokens_move(self) -> None:
        """5 OGC to the other person, 5 OGC to a fresh address on the chain."""
        with self.steps.step("Ada sends 5 OGC to Ben"):
            body = {"to": self.ben.email, "amount": "5", "memo": "Well done"}
            transfer = self.ada.post("wallet/transfer", body, expect=201)
            expect("the transfer", transfer["status"], "completed")
            expect("Ada's balance", self.ada.get("wallet")["balances"]["available"], "95")
        address = Account.create().address
        with self.steps.step(f"Ada withdraws 5 OGC to {address}"):
            withdrawal = self.ada.post("wallet/transfer", {"to": address, "amount": "5"}, expect=202)
        with self.steps.step("The withdrawal is confirmed: its block is final"):
            path = f"wallet/transactions/{withdrawal['id']}"
            wait_for("the confirmation", lambda: self.ada.get(path)["chain"]["status"] == "confirmed")
            expect("the withdrawal", self.ada.get(path)["status"], "completed")
            expect("Ada's balance", self.ada.get("wallet")["balances"]["total"], "90")
        with self.steps.step("The node says that the address holds 5 OGC"):
            transaction = self.ada.get(path)["chain"]["tx_hash"]
            token = ask_node(self.rpc_url, "eth_getTransactionByHash", transaction)["to"]
            expect("the ERC-20 balance", erc20_balance(self.rpc_url, token, address), FIVE_OGC_WEI)


def expect(what: str, found: object, wanted: object) -> None:
    """Stop the story when something is not as it should be."""
    if found != wanted:
        raise UnexpectedAnswer(f"{what} is {found!r}, expected {wanted!r}")


def as_text(instant: datetime) -> str:
    """An instant as the API takes it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wait_until_ready(base_url: str) -> None:
    """Wait for the readiness answer."""

    def is_ready() -> bool:
        try:
            return requests.get(f"{base_url}/api/v1/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_for(f"readiness of {base_url}", is_ready)


def main() -> int:
    """Tell the story; 0 when it went to its end."""
    env = read_environment()
    base_url = os.environ.get("BASE_URL", f"http://127.0.0.1:{env.PORT}").rstrip("/")
    rpc_url = env.CHAIN_RPC_URLS[0] if env.CHAIN_RPC_URLS else service_urls(env.OGC_VAR, env.PORT)["rpc_url"]
    story = Story(base_url, rpc_url, env.OGC_VAR / "mail")
    try:
        wait_until_ready(base_url)
        story.tell()
    except UnexpectedAnswer as error:
        print(f"The story stops: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"The story went to its end in {story.steps.seconds:.1f} s.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
