"""Challenges for tests: made and moved by the services, on the platform's clock."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from accounts.models import User
from accounts.services import actor_for
from challenges import rules
from challenges.constants import CATEGORIES, SplitMode
from challenges.models import Challenge, Entry, Submission, Vote
from challenges.services.authoring import ChallengeBody, challenge_create, challenge_publish, judge_assign
from challenges.services.entries import challenge_enter
from challenges.services.lifecycle import challenge_open
from challenges.services.results import challenge_finalize
from challenges.services.reviews import submission_approve
from challenges.services.submissions import submission_create
from challenges.services.votes import vote_cast
from ogc import clock
from ogc.amounts import BASE_UNITS_PER_OGC
from tests.factories.accounts import UserFactory

HOUR = timedelta(hours=1)
_numbers = count(1)


def person(role: str = "", **fields: Any) -> User:
    """A verified person with a wallet, in a role by name when one is given."""
    user: User = UserFactory(**fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def travel_to(instant: datetime) -> None:
    """Move the platform's clock of this process; the fixtures put it back."""
    clock.apply_offset(instant - clock.real_now())


def fixed_split(*amounts: int) -> rules.PrizeSplit:
    """So many OGC for rank 1, 2, …"""
    return rules.PrizeSplit(SplitMode.FIXED, tuple(amount * BASE_UNITS_PER_OGC for amount in amounts))


def body(**changes: Any) -> ChallengeBody:
    """A votes challenge: work for an hour from now on, then votes for an hour; 300 OGC as 150, 100, 50."""
    now = clock.now()
    values: dict[str, Any] = {
        "title": f"Challenge {next(_numbers)}",
        "category": CATEGORIES[0][0],
        "track": "freelancers",
        "prize_pool": 300 * BASE_UNITS_PER_OGC,
        "prize_split": fixed_split(150, 100, 50),
        "criteria": ({"name": "originality", "weight": 50}, {"name": "impact", "weight": 50}),
        "judging_mode": "votes",
        "starts_at": now,
        "submission_deadline": now + HOUR,
        "voting_starts_at": now + HOUR,
        "voting_ends_at": now + 2 * HOUR,
    }
    return ChallengeBody(**(values | changes))


def draft(creator: User, **changes: Any) -> Challenge:
    """A draft of that person."""
    return challenge_create(actor=actor_for(creator), body=body(**changes))


def published(creator: User, **changes: Any) -> Challenge:
    """A published challenge that opens in an hour."""
    now = clock.now()
    later = {"starts_at": now + HOUR, "submission_deadline": now + 2 * HOUR}
    votes = {"voting_starts_at": now + 2 * HOUR, "voting_ends_at": now + 3 * HOUR}
    challenge = draft(creator, **(later | votes | changes))
    return challenge_publish(actor=actor_for(creator), challenge_id=challenge.public_id)


def opened(creator: User, **changes: Any) -> Challenge:
    """An open challenge."""
    challenge = draft(creator, **changes)
    challenge_publish(actor=actor_for(creator), challenge_id=challenge.public_id)
    return challenge_open(actor=actor_for(creator), challenge_id=challenge.public_id)


def entered(user: User, challenge: Challenge) -> Entry:
    """That person's entry."""
    return challenge_enter(actor=actor_for(user), challenge_id=challenge.public_id)


def submitted(user: User, challenge: Challenge, text: str = "My idea") -> Submission:
    """A pending text of somebody who entered."""
    return submission_create(actor=actor_for(user), challenge_id=challenge.public_id, text=text)


def approved(user: User, challenge: Challenge, reviewer: User, text: str = "") -> Submission:
    """Approved work of somebody who enters with it."""
    if not Entry.objects.filter(user=user, challenge=challenge).exists():
        entered(user, challenge)
    work = submitted(user, challenge, text or f"Idea of {user.name}")
    return submission_approve(actor=actor_for(reviewer), submission_id=work.public_id, version=work.version)


def judged_by(judge: User, challenge: Challenge, admin: User) -> None:
    """Appoint a judge."""
    judge_assign(actor=actor_for(admin), challenge_id=challenge.public_id, user_id=judge.public_id)


def voted(user: User, submission: Submission) -> Vote:
    """That person's vote."""
    return vote_cast(actor=actor_for(user), submission_id=submission.public_id)


def to_voting(challenge: Challenge) -> None:
    """Go to the start of voting."""
    travel_to(challenge.voting_starts_at)


def to_the_end(challenge: Challenge) -> None:
    """Go to the end of voting."""
    travel_to(challenge.voting_ends_at)


def finalized(challenge: Challenge, admin: User) -> Challenge:
    """The challenge with frozen ranks."""
    to_the_end(challenge)
    outcome = challenge_finalize(actor=actor_for(admin), challenge_id=challenge.public_id)
    return outcome.challenge
