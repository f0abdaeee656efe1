"""Contribution points: one event per fact, with the multiplier of the plan, within daily limits."""

from datetime import UTC, date, datetime

from accounts.selectors import user_get
from challenges import locks, rules, signals
from challenges.constants import DAILY_LIMITS, POINTS, RANK_ACTIONS, PointAction
from challenges.models import ContributionEvent, Result
from ogc import clock
from ogc.db.transactions import transactional


@transactional
def points_award(
    *, user_id: str, action: PointAction, source_key: str, occurred_at: datetime
) -> ContributionEvent | None:
    """Give a person the points of one fact.

    Args:
        user_id: public id.
        source_key: names the fact; the same key never scores twice.
        occurred_at: decides the UTC day that a daily limit counts by.

    Returns:
        None when the fact scored before, or the day's limit is reached.

    Effects: locks the person's total; event row; `points_awarded`.
    """
    user = user_get(user_id)
    contributor = locks.contributor_lock(user.pk)
    day = occurred_at.astimezone(UTC).date()
    if ContributionEvent.objects.filter(source_key=source_key).exists() or _limit_is_reached(
        user.pk, action, day
    ):
        return None
    multiplier = user.plan.contribution_bps
    event = ContributionEvent.objects.create(
        user=user,
        action=action,
        points_milli=rules.points_milli(POINTS[action], multiplier),
        multiplier_bps=multiplier,
        source_key=source_key,
        day=day,
    )
    contributor.points_milli += event.points_milli
    contributor.updated_at = clock.now()
    contributor.save(update_fields=["points_milli", "updated_at"])
    signals.points_awarded.emit(user_id=user_id, action=str(action), points_milli=event.points_milli)
    return event


def _limit_is_reached(user_pk: int, action: PointAction, day: date) -> bool:
    """Whether the day's events of this action are used up.

    The person's total is locked, so the count holds.
    """
    limit = DAILY_LIMITS.get(action)
    if limit is None:
        return False
    return ContributionEvent.objects.filter(user_id=user_pk, action=action, day=day).count() >= limit


@transactional
def points_for_ranks(*, challenge_id: str, occurred_at: datetime) -> None:
    """Give the first three of a challenge their points. Idempotent by source key."""
    ranked = Result.objects.filter(challenge__public_id=challenge_id, rank__in=RANK_ACTIONS)
    for rank, user_id in ranked.order_by("user_id").values_list("rank", "user__public_id"):
        points_award(
            user_id=user_id,
            action=RANK_ACTIONS[rank],
            source_key=f"ranked:{challenge_id}:{user_id}",
            occurred_at=occurred_at,
        )
