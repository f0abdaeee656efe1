"""Filters that can be chained, shared by selectors and locks."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from challenges.constants import PUBLIC_STATUSES, ChallengeStatus
from ogc.ids import is_public_id

Row = TypeVar("Row", bound=Model)


def by_key(rows: QuerySet[Row], key: str | int) -> QuerySet[Row]:
    """Rows with that row number, public id or slug."""
    if isinstance(key, int):
        return rows.filter(pk=key)
    return rows.filter(public_id=key) if is_public_id(key) else rows.filter(slug=key)


def with_status(rows: QuerySet[Row], status: str, now: datetime) -> QuerySet[Row]:
    """Challenges whose status is `status` now, whether or not the job has moved them yet."""
    published, opened = Q(status=ChallengeStatus.PUBLISHED), Q(status=ChallengeStatus.OPEN)
    begun, over = Q(starts_at__lte=now), Q(submission_deadline__lte=now)
    if status == ChallengeStatus.PUBLISHED:
        return rows.filter(published & ~begun)
    if status == ChallengeStatus.OPEN:
        return rows.filter((opened | (published & begun)) & ~over)
    if status == ChallengeStatus.REVIEWING:
        return rows.filter(Q(status=status) | ((opened | (published & begun)) & over))
    return rows.filter(status=status)


def listed(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Challenges that anyone may find."""
    return rows.filter(visibility="public", status__in=sorted(PUBLIC_STATUSES))
