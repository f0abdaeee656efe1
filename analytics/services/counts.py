"""Daily counts, made from the events and always equal to a recount."""

from datetime import date, timedelta

from django.db import connection

from analytics.constants import EVENT_MAX_AGE
from analytics.models import DailyCount
from analytics.selectors import last_counted_day, recount
from ogc import clock
from ogc.db.transactions import transactional


@transactional
def day_count(*, day: date) -> int:
    """Count one day again and store the result; how many names it has.

    Effects: one row per name is written or replaced, in one statement, so that two counters at once do no
    harm.
    """
    counts = recount(day)
    counted_at = clock.now()
    DailyCount.objects.bulk_create(
        [
            DailyCount(
                day=day, name=name, event_count=count.events, user_count=count.people, counted_at=counted_at
            )
            for name, count in counts.items()
        ],
        update_conflicts=True,
        update_fields=["event_count", "user_count", "counted_at"],
        unique_fields=["name", "day"] if connection.features.supports_update_conflicts_with_target else None,
    )
    return len(counts)


def days_count(*, days_back: int) -> list[date]:
    """Count today and the days before it again, day by day, each in its own transaction.

    Goes further back when nobody counted for longer (the platform was off, or its clock was moved), so that
    no day stays half counted.

    Args:
        days_back: how many days before today are counted anyway.

    Returns:
        The days that were counted, oldest first.
    """
    today = clock.today()
    first_day = today - timedelta(days=days_back)
    last_day = last_counted_day()
    if last_day is not None:
        first_day = min(first_day, last_day)
    days = [first_day + timedelta(days=offset) for offset in range((today - first_day).days + 1)]
    for day in days:
        day_count(day=day)
    return days


def late_days_count() -> list[date]:
    """Count all days again that a late batch of a client may have changed."""
    return days_count(days_back=EVENT_MAX_AGE.days + 1)
