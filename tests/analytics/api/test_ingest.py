import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Event
from ogc import clock
from tests.api_client import error_code
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

INGEST = "analytics/events/ingest"


@pytest.fixture
def mine(api):
    return api.as_user(UserFactory())


def event(number=0, **replaced):
    return {"event_id": f"e{number}", "name": "page_viewed", "ts": clock.now().isoformat(), **replaced}


def test_a_batch_is_answered_event_by_event(mine):
    body = {
        "events": [
            event(1),
            event(1),
            event(2, ts="2020-01-01T00:00:00Z"),
            event(3, properties={"token": "x"}),
        ]
    }
    answer = mine.post(INGEST, body)
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [
            {
                "index": 2,
                "code": "EVENT_TIME_INVALID",
                "message": "ts is more than 7 days old or 10 minutes ahead.",
            },
            {
                "index": 3,
                "code": "EVENT_PROPERTY_FORBIDDEN",
                "message": "A property looks like a secret by its name.",
            },
        ],
    }
    assert Event.objects.count() == 1


def test_the_same_call_again_is_all_duplicates(mine):
    body = {"events": [event(n) for n in range(100)]}
    assert mine.post(INGEST, body).json()["accepted"] == 100
    assert mine.post(INGEST, body).json() == {"accepted": 0, "duplicates": 100, "rejected": []}
    assert Event.objects.count() == 100


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "events", "required"),
        ({"events": []}, "events", "empty"),
        ({"events": {}}, "events", "not_a_list"),
        ({"events": None}, "events", "null"),
        ({"events": [1] * 501}, "events", "too_many"),
        ({"events": [1], "user_id": "x"}, "user_id", "unknown"),
    ],
)
def test_bad_calls_store_nothing(mine, body, field, code):
    answer = mine.post(INGEST, body)
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert [problem["code"] for problem in answer.json()["error"]["details"][field]] == [code]
    assert Event.objects.count() == 0


def test_more_than_a_mebibyte_is_too_large(mine):
    body = orjson.dumps({"events": [event(n, properties={"a": "x" * 1000}) for n in range(500)]})
    assert len(body) < 1024 * 1024
    assert mine.post(INGEST, body).status_code == 202
    large = body + b" " * (1024 * 1024 - len(body) + 1)
    answer = mine.post(INGEST, large)
    assert (answer.status_code, error_code(answer)) == (413, "PAYLOAD_TOO_LARGE")
    assert Event.objects.count() == 500


def test_nobody_sends_without_a_login(api):
    answer = api.post(INGEST, {"events": [event()]})
    assert (answer.status_code, error_code(answer)) == (401, "NOT_AUTHENTICATED")
    assert Event.objects.count() == 0


def test_the_rate_is_its_own(mine, settings):
    settings.RATE_INGEST = "2/m"
    for left in ("1", "0"):
        answer = mine.post(INGEST, {"events": [event()]})
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", left)
    answer = mine.post(INGEST, {"events": [event(9)]})
    assert (answer.status_code, error_code(answer)) == (429, "RATE_LIMITED")
    assert Event.objects.count() == 1


@pytest.mark.parametrize("count", [1, 100])
def test_the_call_takes_one_statement(mine, count):
    mine.post(INGEST, {"events": [event("warm")]})
    with CaptureQueriesContext(connection) as queries:
        assert mine.post(INGEST, {"events": [event(n) for n in range(count)]}).json()["accepted"] == count
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
