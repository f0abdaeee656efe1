"""The ledger against a model: whatever happens in whatever order, sums are zero and nothing is below zero.

The rules are in `tests/wallets/ledger_machine/`. SCALE multiplies the number of examples.
"""

import os
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, run_state_machine_as_test

from governance.services import approvals
from ogc import clock
from tests.wallets.ledger_machine.by_staff import StaffRules
from tests.wallets.ledger_machine.model import LIMITS, PEOPLE, START, THRESHOLD, World
from tests.wallets.ledger_machine.people import PeopleRules

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

SCALE = float(os.environ.get("SCALE", "1"))


class StoppedClock(datetime):
    """Real time stands still, so that model and ledger always read the same."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime(2026, 5, 4, 10, 20, tzinfo=tz)


class Ledger(PeopleRules, StaffRules):
    """All rules together."""

    @initialize()
    def fill(self) -> None:
        for person in range(PEOPLE):
            self.faucet(person, START)


@pytest.fixture
def _rules(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ADJUST_APPROVAL_THRESHOLD = THRESHOLD
    settings.TRANSFER_LIMIT_USER_HOUR, settings.TRANSFER_LIMIT_USER_DAY = (
        LIMITS["user_hour"],
        LIMITS["user_day"],
    )
    settings.TRANSFER_COUNT_USER_HOUR = LIMITS["user_hour_count"]
    settings.TRANSFER_COUNT_USER_DAY = LIMITS["user_day_count"]
    settings.MINING_HOLD_DAYS, settings.CHECKOUT_HOLD_SECONDS = 1, 1800
    monkeypatch.setattr(clock, "datetime", StoppedClock)
    # What a session has to prove before it approves is played elsewhere.
    monkeypatch.setattr(approvals, "require_step_up", lambda actor, action: None)


@pytest.fixture
def _returns_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inserts tell at most one new row number, as on MySQL 8."""
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    assert not connection.features.can_return_rows_from_bulk_insert


@pytest.mark.usefixtures("_rules")
def test_the_ledger_behaves_as_its_model() -> None:
    play(examples=24)


@pytest.mark.usefixtures("_rules", "_returns_no_rows")
def test_and_where_inserts_return_no_rows() -> None:
    play(examples=4)


def play(examples: int) -> None:
    Ledger.world = World()
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=max(2, int(examples * SCALE)),
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
