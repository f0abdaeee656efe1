"""Reads of challenges and submissions: who may see what, and in which order."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from accounts.constants import UserStatus
from accounts.selectors import user_get, user_pk
from challenges import rules
from challenges.constants import (
    PUBLIC_STATUSES,
    ChallengeStatus,
    EntryStatus,
    SubmissionStatus,
    TeamMemberStatus,
    Visibility,
)
from challenges.models import (
    Category,
    Challenge,
    ChallengeMove,
    Entry,
    JudgeAssignment,
    Submission,
    TeamMember,
)
from challenges.querysets import by_key, listed, with_status
from ogc import clock
from ogc.actors import Actor
from ogc.errors import NotFound, ValidationFailed

AFTER_DEADLINE = frozenset(PUBLIC_STATUSES) - {
    ChallengeStatus.PUBLISHED,
    ChallengeStatus.OPEN,
    ChallengeStatus.CANCELLED,
}


def actor_pk(actor: Actor) -> int:
    """Row number of the acting user; 0, which no row has, when there is none."""
    return user_pk(actor.user_id) if actor.user_id else 0


def status_now(challenge: Challenge) -> ChallengeStatus:
    """The status that holds on the platform's clock, also when the job that walks it is late."""
    return rules.effective_status(
        challenge.status,
        starts_at=challenge.starts_at,
        submission_deadline=challenge.submission_deadline,
        now=clock.now(),
    )


def categories() -> QuerySet[Category]:
    """All categories in their order."""
    return Category.objects.order_by("position", "id")


def category_get(slug: str) -> Category | None:
    """The category with that slug."""
    return Category.objects.filter(slug=slug).first()


def challenges_listed(filters: dict[str, Any], *, ordering: tuple[str, ...]) -> QuerySet[Challenge]:
    """Public challenges that pass the filters, with their category.

    Args:
        filters: any of category (slug), track, status (as it is now), premium, search (in title and summary).
    """
    rows = listed(Challenge.objects.select_related("category"))
    if filters.get("category"):
        rows = rows.filter(category__slug=filters["category"])
    if filters.get("track"):
        rows = rows.filter(track=filters["track"])
    if filters.get("status"):
        rows = with_status(rows, filters["status"], clock.now())
    if filters.get("premium") is not None:
        rows = rows.filter(premium=filters["premium"])
    if filters.get("search"):
        rows = rows.filter(Q(title__icontains=filters["search"]) | Q(summary__icontains=filters["search"]))
    return rows.order_by(*ordering)


def challenge_visible(actor: Actor, key: str) -> Challenge:
    """A challenge that the actor may know of, with its category.

    Raises:
        NotFound: unknown; or a draft or private one of which the actor is neither manager, judge nor entrant.
    """
    challenge = by_key(Challenge.objects.select_related("category"), key).first()
    if challenge is None:
        raise NotFound
    public = challenge.status in PUBLIC_STATUSES and challenge.visibility == Visibility.PUBLIC
    if public or actor.has("challenge.write"):
        return challenge
    me = actor_pk(actor)
    if challenge.status != ChallengeStatus.DRAFT and me and _takes_part(challenge.pk, me):
        return challenge
    raise NotFound


def _takes_part(challenge_pk: int, me: int) -> bool:
    return is_judge(challenge_pk, me) or Entry.objects.filter(challenge_id=challenge_pk, user_id=me).exists()


def is_judge(challenge_pk: int, person_pk: int) -> bool:
    """Whether this person judges the challenge."""
    return JudgeAssignment.objects.filter(challenge_id=challenge_pk, judge_id=person_pk).exists()


def judge_candidate(challenge_pk: int, user_id: str) -> int:
    """Row number of somebody who may judge the challenge.

    Raises:
        ValidationFailed: no such active user, or one who has entered.
    """
    try:
        user = user_get(user_id)
    except NotFound:
        raise ValidationFailed({"user_id": [("unknown", "There is no such user.")]}) from None
    if user.status != UserStatus.ACTIVE:
        raise ValidationFailed({"user_id": [("inactive", "This account is not active.")]})
    if Entry.objects.filter(challenge_id=challenge_pk, user=user, status=EntryStatus.ACTIVE).exists():
        raise ValidationFailed({"user_id": [("entered", "Who takes part can't judge.")]})
    return user.pk


def is_own_work(submission: Submission, person_pk: int) -> bool:
    """Whether a submission is this person's or their team's."""
    if submission.author_id == person_pk:
        return True
    return (
        submission.team_id is not None
        and TeamMember.objects.filter(
            team_id=submission.team_id, user_id=person_pk, status=TeamMemberStatus.ACTIVE
        ).exists()
    )


def content_is_known(challenge_pk: int, author_pk: int, content_hash: str) -> bool:
    """Whether somebody else handed in the same content; flagged for the reviewer, not refused."""
    same = Submission.objects.filter(challenge_id=challenge_pk, content_hash=content_hash)
    return same.exclude(author_id=author_pk).exists()


def _submissions() -> QuerySet[Submission]:
    return Submission.objects.select_related("challenge", "author")


def _sees_as_insider(actor: Actor, submission: Submission) -> bool:
    """Author, team, reviewers and assigned judges see work at any time."""
    me = actor_pk(actor)
    if not me:
        return actor.has("submission.review")
    if submission.author_id == me or actor.has("submission.review"):
        return True
    return is_own_work(submission, me) or is_judge(submission.challenge_id, me)


def submission_visible(actor: Actor, submission_id: str) -> Submission:
    """A submission that the actor may see, with its challenge and author.

    Raises:
        NotFound: unknown; or the actor is an outsider and it is not approved or the deadline is not over.
    """
    submission = _submissions().filter(public_id=submission_id).first()
    if submission is None:
        raise NotFound
    challenge = submission.challenge
    public = (
        submission.status == SubmissionStatus.APPROVED
        and challenge.visibility == Visibility.PUBLIC
        and status_now(challenge) in AFTER_DEADLINE
    )
    if public or _sees_as_insider(actor, submission):
        return submission
    raise NotFound


def submissions_of_challenge(actor: Actor, challenge: Challenge) -> QuerySet[Submission]:
    """The approved work of a challenge once its deadline is over.

    Before it, what the actor may see anyway.
    """
    rows = _submissions().filter(challenge=challenge, status=SubmissionStatus.APPROVED)
    if status_now(challenge) in AFTER_DEADLINE or actor.has("submission.review"):
        return rows
    me = actor_pk(actor)
    if me and is_judge(challenge.pk, me):
        return rows
    return rows.filter(author_id=me)


def submissions_mine(actor: Actor) -> QuerySet[Submission]:
    """Everything that the actor or an own team handed in, whatever became of it."""
    me = actor_pk(actor)
    teams = TeamMember.objects.filter(user_id=me, status=TeamMemberStatus.ACTIVE).values("team_id")
    return _submissions().filter(Q(author_id=me) | Q(team_id__in=teams))


def submissions_pending(actor: Actor) -> QuerySet[Submission]:
    """Work that waits for this reviewer: not their own, and not of challenges that were called off."""
    me = actor_pk(actor)
    team = TeamMember.objects.filter(team_id=OuterRef("team_id"), user_id=me, status=TeamMemberStatus.ACTIVE)
    waiting = _submissions().filter(status=SubmissionStatus.PENDING, frozen_at__isnull=True)
    return (
        waiting.exclude(author_id=me)
        .exclude(challenge__status=ChallengeStatus.CANCELLED)
        .exclude(Exists(team))
    )


def timeline(challenge: Challenge) -> QuerySet[ChallengeMove]:
    """The moves that a challenge made, oldest first."""
    return ChallengeMove.objects.filter(challenge=challenge).order_by("id")


def challenges_due(limit: int) -> list[int]:
    """Row numbers of challenges that the clock should have moved by now, longest due first."""
    now = clock.now()
    opening = Q(status=ChallengeStatus.PUBLISHED, starts_at__lte=now)
    closing = Q(status=ChallengeStatus.OPEN, submission_deadline__lte=now)
    rows = Challenge.objects.filter(opening | closing).order_by("starts_at", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


def next_move_at() -> datetime | None:
    """The earliest instant at which the clock makes a move due; None when no challenge waits for one."""
    opening = Challenge.objects.filter(status=ChallengeStatus.PUBLISHED).aggregate(at=Min("starts_at"))
    closing = Challenge.objects.filter(status=ChallengeStatus.OPEN).aggregate(at=Min("submission_deadline"))
    return min((row["at"] for row in (opening, closing) if row["at"]), default=None)
