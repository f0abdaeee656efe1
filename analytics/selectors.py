"""Reads of analytics."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Max, QuerySet

from analytics import rules
from analytics.constants import ACTIVE_EVENTS, ALL_EVENTS, METRIC_EVENTS, PASSIVE_EVENTS, Interval, Metric
from analytics.models import DailyCount, Event
from ogc import clock

_COUNTS = {"events": Count("id"), "people": Count("user_id", distinct=True)}


@dataclass(frozen=True, slots=True)
class Series:
    """`labels` are the first days of the intervals, in order and without gaps; one number for each."""

    name: str
    labels: list[str]
    data: list[int]


@dataclass(frozen=True, slots=True)
class DayCount:
    """Events of one name on one day and the people behind them, each once."""

    events: int
    people: int


def day_start(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def last_counted_day() -> date | None:
    """The newest day that has counts; None before the first run."""
    newest: date | None = DailyCount.objects.aggregate(newest=Max("day"))["newest"]
    return newest


def active_between(first_day: date, end_day: date) -> DayCount:
    """Events in which people did something, from the first day on and before the end day, and the people."""
    names = [name for name in _names() if name not in PASSIVE_EVENTS]
    return _total(_between(first_day, end_day, names))


def recount(day: date) -> dict[str, DayCount]:
    """Counts of one day from the events themselves, by name; none at all for a day without events."""
    names, end_day = _names(), day + timedelta(days=1)
    by_name = _between(day, end_day, names).order_by().values("name").annotate(**_COUNTS)
    rows = by_name.values_list("name", *_COUNTS)
    counts = {name: DayCount(events, people) for name, events, people in rows}
    if counts:
        active_names = [name for name in names if name not in PASSIVE_EVENTS]
        counts[ALL_EVENTS] = _total(_between(day, end_day, names))
        counts[ACTIVE_EVENTS] = _total(_between(day, end_day, active_names))
    return counts


def _names() -> list[str]:
    """All names that occur: naming them lets the index over (name, ts) serve a question about a time."""
    return list(Event.objects.order_by("name").values_list("name", flat=True).distinct())


def _between(first_day: date, end_day: date, names: list[str]) -> QuerySet[Event]:
    return Event.objects.filter(name__in=names, ts__gte=day_start(first_day), ts__lt=day_start(end_day))


def _total(events: QuerySet[Event]) -> DayCount:
    row = events.aggregate(**_COUNTS)
    return DayCount(row["events"], row["people"])


def metric_series(*, name: str, days: int, interval: str) -> Series:
    """A standard metric over the last `days` days, today included, from the daily counts.

    Active users of a week or a month are people, each once, and so are counted from the events.
    """
    last_day = clock.today()
    first_day = last_day - timedelta(days=days - 1)
    starts = rules.interval_starts(first_day, last_day, interval)
    if name == Metric.ACTIVE_USERS and interval != Interval.DAY:
        ends = [min(rules.interval_next(start, interval), last_day + timedelta(days=1)) for start in starts]
        data = [
            active_between(max(start, first_day), end).people for start, end in zip(starts, ends, strict=True)
        ]
    else:
        data = _sums(name, first_day, last_day, interval, starts)
    return Series(name=name, labels=[start.isoformat() for start in starts], data=data)


def _sums(name: str, first_day: date, last_day: date, interval: str, starts: list[date]) -> list[int]:
    active = name == Metric.ACTIVE_USERS
    rows = DailyCount.objects.filter(
        name=ACTIVE_EVENTS if active else METRIC_EVENTS[Metric(name)], day__gte=first_day, day__lte=last_day
    ).values_list("day", "user_count" if active else "event_count")
    sums = dict.fromkeys(starts, 0)
    for day, count in rows:
        sums[rules.interval_start(day, interval)] += count
    return list(sums.values())
