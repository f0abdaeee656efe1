"""Reads of challenges: who may know of them, in which order, and what the clock makes due."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from accounts.constants import UserStatus
from accounts.selectors import user_get, user_pk
from challenges import rules
from challenges.constants import (
    PUBLIC_STATUSES,
    ChallengeStatus,
    EntryStatus,
    Visibility,
)
from challenges.models import (
    Category,
    Challenge,
    ChallengeMove,
    Entry,
    JudgeAssignment,
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

CARD_FIELDS = (
    "id",
    "public_id",
    "slug",
    "title",
    "summary",
    "cover_image",
    "category__slug",
    "track",
    "status",
    "prize_pool",
    "prize_split",
    "judging_mode",
    "premium",
    "minimum_plan",
    "entry_count",
    "submission_count",
    "starts_at",
    "submission_deadline",
    "voting_starts_at",
    "voting_ends_at",
    "created_at",
)


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


def challenges_listed(filters: dict[str, Any]) -> QuerySet[Challenge, dict[str, Any]]:
    """Public challenges that pass the filters, as dicts of `CARD_FIELDS`.

    Args:
        filters: any of category (slug), track, status (as it is now), premium, search (in title and summary).
    """
    rows = listed(Challenge.objects.all())
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
    return rows.values(*CARD_FIELDS)


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


def challenge_titles(public_ids: Collection[str]) -> dict[str, str]:
    """Titles by public id, for those who moved money with these challenges."""
    return dict(Challenge.objects.filter(public_id__in=public_ids).values_list("public_id", "title"))


def challenge_is_public(public_id: str) -> bool:
    """Whether anybody may see the challenge, and so report it."""
    return listed(Challenge.objects.filter(public_id=public_id)).exists()


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
