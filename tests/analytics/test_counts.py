from datetime import UTC, datetime, timedelta

import pytest

from analytics.jobs import count_late_days, count_recent_days
from analytics.models import DailyCount
from analytics.selectors import DayCount, metric_series, recount
from analytics.services.counts import day_count, days_count
from ogc import clock
from tests.factories.accounts import UserFactory
from tests.factories.analytics import EventFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def days():
    """Noon of today and of the days before it, by how many days back."""
    noon = datetime.combine(clock.today(), datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)
    return lambda back: noon - timedelta(days=back)


def stored(day) -> dict[str, DayCount]:
    return {row.name: DayCount(row.event_count, row.user_count) for row in DailyCount.objects.filter(day=day)}


def test_a_day_is_counted_by_name_and_over_all(days):
    one, two = UserFactory(), UserFactory()
    EventFactory(name="accounts.logged_in", ts=days(0), user=one)
    EventFactory(name="accounts.logged_in", ts=days(0), user=one)
    EventFactory(name="page_viewed", ts=days(0), user=None)
    EventFactory(name="wallets.reward_paid", ts=days(0), user=two)
    EventFactory(name="accounts.logged_in", ts=days(1), user=two)
    day_count(day=days(0).date())
    assert stored(days(0).date()) == {
        "accounts.logged_in": DayCount(2, 1),
        "page_viewed": DayCount(1, 0),
        "wallets.reward_paid": DayCount(1, 1),
        "*": DayCount(4, 2),
        "*active": DayCount(3, 1),
    }


def test_midnight_belongs_to_the_new_day(days):
    midnight = days(0).replace(hour=0)
    EventFactory(ts=midnight)
    EventFactory(ts=midnight - timedelta(microseconds=1))
    assert recount(midnight.date())["*"] == DayCount(1, 0)


def test_counts_equal_a_recount_after_late_events_and_any_number_of_runs(days):
    people = [UserFactory() for _ in range(3)]
    for number in range(40):
        EventFactory(name=f"n{number % 4}", ts=days(number % 8), user=people[number % 3])
    count_late_days()
    EventFactory(name="late", ts=days(6), user=people[0])
    count_recent_days()
    count_late_days()
    count_late_days()
    for back in range(9):
        day = days(back).date()
        assert stored(day) == recount(day)
    assert DailyCount.objects.filter(name="*").count() == 8
    assert DailyCount.objects.get(name="late").event_count == 1


def test_days_that_nobody_counted_are_made_up_for(days):
    for back in (12, 11, 5, 0):
        EventFactory(ts=days(back))
    day_count(day=days(12).date())
    assert len(days_count(days_back=1)) == 13
    for back in range(13):
        assert stored(days(back).date()) == recount(days(back).date())


def test_a_day_without_events_has_no_rows(days):
    assert day_count(day=days(0).date()) == 0
    assert DailyCount.objects.count() == 0


def test_metrics_come_from_the_counts_without_gaps(days):
    one, two = UserFactory(), UserFactory()
    for back, user in ((0, one), (0, two), (0, two), (2, one)):
        EventFactory(name="accounts.logged_in", ts=days(back), user=user)
    EventFactory(name="accounts.logged_in", ts=days(30), user=one)
    days_count(days_back=40)
    logins = metric_series(name="logins", days=7, interval="day")
    assert logins.labels == [days(back).date().isoformat() for back in range(6, -1, -1)]
    assert logins.data == [0, 0, 0, 0, 1, 0, 3]
    assert metric_series(name="active_users", days=7, interval="day").data == [0, 0, 0, 0, 1, 0, 2]
    assert metric_series(name="votes", days=7, interval="day").data == [0] * 7
    assert sum(metric_series(name="logins", days=30, interval="week").data) == 4
    assert sum(metric_series(name="logins", days=90, interval="month").data) == 5


def test_active_users_of_a_week_are_people_not_days(days):
    one = UserFactory()
    monday = days(0) - timedelta(days=days(0).weekday() + 7)
    for day in range(7):
        EventFactory(name="page_viewed", ts=monday + timedelta(days=day), user=one)
    days_count(days_back=20)
    weeks = metric_series(name="active_users", days=30, interval="week")
    assert dict(zip(weeks.labels, weeks.data, strict=True))[monday.date().isoformat()] == 1
    assert sum(weeks.data) == 1
