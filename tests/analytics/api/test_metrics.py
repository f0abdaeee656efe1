import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import DailyCount
from analytics.services.counts import days_count
from ogc import clock
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.analytics import EventFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def analyst(api):
    return api.as_user(UserFactory(), scopes=frozenset({"self", "analytics.read"}))


def test_a_metric_has_labels_and_one_series(analyst):
    EventFactory(name="accounts.user_registered")
    days_count(days_back=1)
    body = analyst.get("analytics/metrics?name=new_users&range=7d&interval=day").json()
    assert len(body["labels"]) == 7
    assert body["labels"][-1] == clock.today().isoformat()
    assert body["series"] == [{"name": "new_users", "data": [0, 0, 0, 0, 0, 0, 1]}]


def test_range_and_interval_have_defaults(analyst):
    assert len(analyst.get("analytics/metrics?name=logins").json()["labels"]) == 30


@pytest.mark.parametrize("query", ["", "name=secrets", "name=logins&range=1y", "name=logins&interval=minute"])
def test_other_questions_are_refused(analyst, query):
    answer = analyst.get(f"analytics/metrics?{query}")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


def test_the_scope_is_needed(api):
    answer = api.as_user(UserFactory()).get("analytics/metrics?name=logins")
    assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")
    assert answer.json()["error"]["details"]["scope"] == "analytics.read"
    assert api.get("analytics/metrics?name=logins").status_code == 401


@pytest.mark.parametrize("count", [1, 50])
def test_a_metric_is_one_query(analyst, count):
    DailyCount.objects.bulk_create(
        DailyCount(
            day=clock.today() - clock.timedelta(days=n),
            name="accounts.logged_in",
            event_count=1,
            user_count=1,
        )
        for n in range(count)
    )
    with CaptureQueriesContext(connection) as queries:
        body = analyst.get("analytics/metrics?name=logins&range=90d").json()
    assert sum(body["series"][0]["data"]) == count
    assert len(queries) == 1
