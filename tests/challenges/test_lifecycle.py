"""The moves that the clock makes, by job and by sweep, and what else walks the table."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import actor_for
from challenges import jobs, selectors
from challenges.constants import TRANSITIONS, ChallengeAction, ChallengeStatus
from challenges.errors import InvalidChallengeState
from challenges.models import Challenge, ChallengeMove
from challenges.services import lifecycle
from governance.models import AuditRecord
from ogc.actors import SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.errors import PermissionDenied
from ogc.models import DomainEvent
from tests.factories import challenges as make


def test_the_sweep_opens_and_closes_on_time(staff, drain):
    challenge = make.published(staff.ops)
    drain()
    assert Challenge.objects.get(pk=challenge.pk).status == "published"
    make.travel_to(challenge.starts_at)
    drain()
    assert Challenge.objects.get(pk=challenge.pk).status == "open"
    make.travel_to(challenge.submission_deadline)
    drain()
    assert Challenge.objects.get(pk=challenge.pk).status == "reviewing"
    assert list(ChallengeMove.objects.values_list("action", "actor__email")) == [
        ("publish", staff.ops.email),
        ("open", None),
        ("close", None),
    ]
    for name in ("opened", "closed"):
        assert DomainEvent.objects.filter(name=f"challenges.challenge_{name}").count() == 1


def test_a_very_late_job_walks_both_moves(staff):
    challenge = make.published(staff.ops)
    make.travel_to(challenge.voting_ends_at)
    jobs.challenge_advance_due(challenge.pk)
    jobs.challenge_advance_due(challenge.pk)
    assert Challenge.objects.get(pk=challenge.pk).status == "reviewing"
    assert ChallengeMove.objects.count() == 3


def test_the_clock_command_knows_the_next_move(staff):
    assert selectors.next_move_at() is None
    challenge = make.published(staff.ops)
    assert selectors.next_move_at() == challenge.starts_at
    other = make.opened(staff.ops, starts_at=make.clock.now() - timedelta(days=1))
    assert selectors.next_move_at() == min(challenge.starts_at, other.submission_deadline)
    assert selectors.challenges_due(10) == []
    make.travel_to(max(challenge.starts_at, other.submission_deadline))
    assert set(selectors.challenges_due(10)) == {challenge.pk, other.pk}
    assert len(selectors.challenges_due(1)) == 1


@pytest.mark.parametrize("status", list(ChallengeStatus))
@pytest.mark.parametrize("action", list(ChallengeAction))
def test_the_service_walks_the_table_and_nothing_else(staff, action, status):
    challenge = make.draft(staff.ops)
    Challenge.objects.filter(pk=challenge.pk).update(status=status)
    challenge.refresh_from_db()

    def move():
        lifecycle.challenge_move(actor=actor_for(staff.ops), challenge=challenge, action=action)

    if status in TRANSITIONS[action].sources:
        run_in_transaction(move)
        assert Challenge.objects.get(pk=challenge.pk).status == TRANSITIONS[action].target
        assert ChallengeMove.objects.get().from_status == status
        record = AuditRecord.objects.get(action=f"challenge.{action}")
        assert record.target_id == challenge.public_id
    else:
        with pytest.raises(InvalidChallengeState):
            run_in_transaction(move)
        assert Challenge.objects.get(pk=challenge.pk).status == status
        assert not ChallengeMove.objects.exists()
        assert not DomainEvent.objects.filter(name__startswith="challenges.").exists()


def test_a_move_needs_its_scope(staff, people):
    challenge = make.draft(staff.ops)
    for user in (people.ada, staff.moderator):
        with pytest.raises(PermissionDenied):
            run_in_transaction(
                lambda user=user: lifecycle.challenge_move(
                    actor=actor_for(user), challenge=challenge, action=ChallengeAction.PUBLISH
                )
            )
    assert Challenge.objects.get(pk=challenge.pk).status == "draft"


def test_the_clocks_moves_are_recorded_not_audited(staff):
    challenge = make.published(staff.ops)
    before = AuditRecord.objects.count()
    run_in_transaction(
        lambda: lifecycle.challenge_move(actor=SYSTEM, challenge=challenge, action=ChallengeAction.OPEN)
    )
    assert AuditRecord.objects.count() == before


def test_reading_never_writes(api, staff):
    challenge = make.published(staff.ops)
    make.travel_to(challenge.submission_deadline)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.get(f"challenges/{challenge.slug}").json()["status"] == "reviewing"
    assert not [q for q in queries.captured_queries if not q["sql"].startswith(("SELECT", "PRAGMA"))]
    assert Challenge.objects.get(pk=challenge.pk).status == "published"
