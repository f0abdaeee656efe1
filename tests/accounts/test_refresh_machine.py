"""Random sequences of refreshes, replays, waiting and revocation agree with a small model."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accounts import authentication, revocations
from accounts.authentication import actor_of_header
from accounts.models import RefreshToken, Session
from accounts.services import (
    logout,
    logout_all,
    refresh,
    session_revoke,
    user_reinstate,
    user_suspend,
)
from accounts.services.retention import successors_purge
from accounts.services.sessions import refresh_hash
from governance.models import AuditRecord
from ogc import clock
from ogc.actors import ANONYMOUS, SYSTEM, Actor
from ogc.errors import DomainError
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]
SCALE = float(os.environ.get("SCALE", "1"))
GRACE, LIFE = timedelta(seconds=10), timedelta(days=30)
AROUND_THE_GRACE = (timedelta(0), GRACE - timedelta(microseconds=1), GRACE)


@dataclass
class Family:
    """What the model knows of a session: its tokens from the first to the living one, and their uses.

    `access` is its newest access token and when that was made.
    """

    public_id: str
    tokens: list[str]
    used_at: list[Any] = field(default_factory=list)
    expires_at: Any = None
    end: str = ""
    access: tuple[str, Any] = ("", None)


class RefreshMachine(RuleBasedStateMachine):
    """Two people; every answer is foretold by the model before the platform is asked."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.people = [UserFactory(wallet=False) for _ in range(2)]
        self.families: dict[str, list[Family]] = {user.public_id: [] for user in self.people}
        self.of: dict[str, Family] = {}
        self.suspended: set[str] = set()
        self.alarms = 0
        self.now = datetime.now(UTC)
        self.hold_the_clock()

    def hold_the_clock(self) -> None:
        """Platform time stands still between steps, so that the model knows it to the microsecond."""
        clock.now = lambda: self.now

    @rule(target=tokens, who=st.integers(0, 1))
    def log_in(self, who: int) -> Any:
        user = self.people[who]
        if user.public_id in self.suspended:
            return multiple()
        granted = login_as(user)
        family = Family(granted.session_id, [granted.refresh], expires_at=self.now + LIFE)
        family.access = granted.access, self.now
        self.families[user.public_id].append(family)
        self.of[granted.refresh] = family
        return granted.refresh

    @rule(target=tokens, token=tokens, pauses=st.lists(st.sampled_from(AROUND_THE_GRACE), max_size=2))
    def present(self, token: str, pauses: list[timedelta]) -> Any:
        """Once, and again after each pause."""
        got = None
        for pause in [timedelta(0), *pauses]:
            self.now += pause
            expected = self.foretell(token)
            answer = outcome(lambda: refresh(actor=ANONYMOUS, token=token))
            if expected in ("new", "same"):
                got = self.note(token, answer, expected)
            else:
                assert answer == expected
        return multiple() if got is None else got

    def foretell(self, token: str) -> str:
        family = self.of[token]
        owner = next(who for who, families in self.families.items() if family in families)
        if owner in self.suspended:
            return "AUTH_ACCOUNT_DISABLED"
        if family.end:
            return "AUTH_REFRESH_REVOKED"
        if family.expires_at <= self.now:
            return "AUTH_REFRESH_EXPIRED"
        position = family.tokens.index(token)
        if position == len(family.tokens) - 1:
            return "new"
        if position == len(family.tokens) - 2 and self.now < family.used_at[position] + GRACE:
            return "same"
        family.end = "refresh_reuse"
        self.alarms += 1
        return "AUTH_REFRESH_REUSED"

    def note(self, token: str, granted: Any, expected: str) -> str:
        family = self.of[token]
        assert granted.session_id == family.public_id
        if expected == "same":
            assert granted.refresh == family.tokens[-1]
        else:
            assert granted.refresh not in self.of
            family.tokens.append(granted.refresh)
            family.used_at.append(self.now)
            family.expires_at = self.now + LIFE
            self.of[granted.refresh] = family
        family.access = granted.access, self.now
        return granted.refresh

    @rule(
        step=st.one_of(
            st.sampled_from([*AROUND_THE_GRACE, LIFE]),
            st.integers(1, 25).map(lambda seconds: timedelta(seconds=seconds)),
            st.integers(1, 20).map(lambda days: timedelta(days=days)),
        )
    )
    def wait(self, step: timedelta) -> None:
        self.now += step

    @rule(token=tokens, call=st.sampled_from([logout, session_revoke]))
    def end_one(self, token: str, call: Callable[..., Any]) -> None:
        family = self.of[token]
        actor = self.actor_of(family)
        was_live = not family.end
        family.end = family.end or {logout: "logout", session_revoke: "revoked"}[call]
        if call is logout:
            logout(actor=actor)
            return
        answer = outcome(lambda: session_revoke(actor=actor, session_id=family.public_id))
        assert answer == (None if was_live else "NOT_FOUND")

    @rule(token=tokens)
    def end_all(self, token: str) -> None:
        actor = self.actor_of(self.of[token])
        live = [one for one in self.families[actor.user_id or ""] if not one.end]
        assert logout_all(actor=actor) == len(live)
        for one in live:
            one.end = "logout_all"

    @rule(who=st.integers(0, 1))
    def suspend_or_reinstate(self, who: int) -> None:
        user_id = self.people[who].public_id
        if user_id in self.suspended:
            user_reinstate(actor=SYSTEM, user_id=user_id)
            self.suspended.discard(user_id)
            return
        user_suspend(actor=SYSTEM, user_id=user_id, reason="model")
        self.suspended.add(user_id)
        for one in self.families[user_id]:
            one.end = one.end or "suspended"

    @rule()
    def purge(self) -> None:
        successors_purge()

    def actor_of(self, family: Family) -> Actor:
        owner = next(who for who, families in self.families.items() if family in families)
        return Actor(kind="user", user_id=owner, session_id=family.public_id)

    @invariant()
    def the_rows_are_the_model(self) -> None:
        for family in self.of.values():
            session = Session.objects.get(public_id=family.public_id)
            assert session.end_reason == family.end
            assert session.expires_at == family.expires_at
            rows = RefreshToken.objects.filter(session=session).order_by("pk")
            assert [row.token_hash for row in rows] == [refresh_hash(token) for token in family.tokens]
            assert [row.used_at for row in rows] == [*family.used_at, None]

    @invariant()
    def each_alarm_was_told_once(self) -> None:
        assert AuditRecord.objects.filter(action="auth.refresh_reused").count() == self.alarms
        assert DomainEvent.objects.filter(name="accounts.refresh_reused").count() == self.alarms

    @invariant()
    def no_access_token_outlives_its_session(self) -> None:
        revocations.load()
        for user_id, families in self.families.items():
            for family in families:
                access, made_at = family.access
                is_current = self.now.timestamp() < int(made_at.timestamp()) + 900
                is_let_in = not isinstance(outcome(partial(actor_of_header, f"Bearer {access}")), str)
                assert is_let_in == (is_current and not family.end and user_id not in self.suspended)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)
        authentication.forget_all()
        revocations.forget_all()


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the code of its refusal."""
    try:
        return call()
    except DomainError as error:
        return error.code


def test_random_sequences_agree_with_the_model(monkeypatch):
    monkeypatch.setattr(clock, "now", clock.now)
    run_state_machine_as_test(
        RefreshMachine,
        settings=settings(
            max_examples=max(5, int(20 * SCALE)),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
