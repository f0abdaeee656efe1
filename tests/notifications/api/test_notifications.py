import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Notification
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def me(db):
    return UserFactory()


@pytest.fixture
def mine(api, me):
    return api.as_user(me)


def test_the_list_shows_ones_own_newest_first(mine, me):
    NotificationFactory()
    old = NotificationFactory(user=me, title="old")
    new = NotificationFactory(user=me, title="new", type="wallet", data={"transaction_id": "t1"})
    answer = mine.get("notifications")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["next"], body["previous"]) == (None, None)
    assert [row["id"] for row in body["results"]] == [new.public_id, old.public_id]
    assert body["results"][0] == {
        "id": new.public_id,
        "type": "wallet",
        "title": "new",
        "message": "Something happened.",
        "data": {"transaction_id": "t1"},
        "read": False,
        "read_at": None,
        "created_at": new.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_pages_go_forth_and_back(mine, me):
    ids = [NotificationFactory(user=me).public_id for _ in range(5)][::-1]
    first = mine.get("notifications?page_size=2").json()
    second = mine.get(first["next"].partition("testserver")[2]).json()
    third = mine.get(second["next"].partition("testserver")[2]).json()
    pages = [[row["id"] for row in page["results"]] for page in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    assert third["next"] is None
    back = mine.get(third["previous"].partition("testserver")[2]).json()
    assert [row["id"] for row in back["results"]] == ids[2:4]
    again = mine.get(back["previous"].partition("testserver")[2]).json()
    assert [row["id"] for row in again["results"]] == ids[:2]
    assert again["previous"] is None


def test_filters(mine, me):
    read = NotificationFactory(user=me, type="wallet", read_at="2026-01-01T00:00:00Z")
    unread = NotificationFactory(user=me, type="wallet")
    other = NotificationFactory(user=me, type="badge")

    def ids(query):
        return [row["id"] for row in mine.get(f"notifications?{query}").json()["results"]]

    assert ids("type=wallet") == [unread.public_id, read.public_id]
    assert ids("unread=true") == [other.public_id, unread.public_id]
    assert ids("unread=false&type=wallet") == [read.public_id]
    assert ids("type=voting") == []


def test_a_cursor_belongs_to_its_filters(mine, me):
    NotificationFactory.create_batch(3, user=me)
    following = mine.get("notifications?page_size=2").json()["next"].partition("cursor=")[2]
    answer = mine.get(f"notifications?page_size=2&unread=true&cursor={following}")
    assert (answer.status_code, error_code(answer)) == (400, "CURSOR_INVALID")


@pytest.mark.parametrize("query", ["type=nonsense", "unread=maybe", "page_size=0", "page_size=101"])
def test_bad_queries_are_refused(mine, query):
    answer = mine.get(f"notifications?{query}")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_takes_one_query_whatever_its_length(mine, me, count):
    NotificationFactory.create_batch(count, user=me)
    mine.get("notifications?page_size=100")  # the process learns the row number of the user
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(mine.get("notifications?page_size=100").json()["results"]) == count
    assert len(queries) == 1


def test_reading_keeps_the_first_time(mine, me):
    row = NotificationFactory(user=me)
    first = mine.post(f"notifications/{row.public_id}/read")
    assert first.status_code == 200
    assert first.json()["read"] is True
    assert mine.post(f"notifications/{row.public_id}/read").json() == first.json()


@pytest.mark.parametrize("kind", ["foreign", "unknown", "nonsense"])
def test_what_is_not_ones_own_is_not_found(mine, kind):
    foreign = NotificationFactory()
    public_id = {"foreign": foreign.public_id, "unknown": uuid7(), "nonsense": "x"}[kind]
    answer = mine.post(f"notifications/{public_id}/read")
    assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_read_all_and_the_count_touch_ones_own_only(mine, me):
    NotificationFactory.create_batch(3, user=me)
    foreign = NotificationFactory()
    assert mine.get("notifications/unread-count").json() == {"count": 3}
    assert mine.post("notifications/read-all").json() == {"count": 3}
    assert mine.get("notifications/unread-count").json() == {"count": 0}
    assert mine.post("notifications/read-all").json() == {"count": 0}
    foreign.refresh_from_db()
    assert foreign.read_at is None
    assert Notification.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "notifications"),
        ("POST", "notifications/0190163d-8694-739b-aea5-966c26f8ad91/read"),
        ("POST", "notifications/read-all"),
        ("GET", "notifications/unread-count"),
        ("GET", "notifications/preferences"),
        ("PUT", "notifications/preferences"),
        ("GET", "notifications/channels"),
        ("POST", "notifications/stream-ticket"),
        ("GET", "notifications/deliveries"),
    ],
)
def test_nobody_is_told_anything(api, method, path):
    answer = api.call(method, path)
    assert (answer.status_code, error_code(answer)) == (401, "NOT_AUTHENTICATED")


def test_channels_say_which_are_served(mine):
    channels = {
        row["channel"]: row["available"] for row in mine.get("notifications/channels").json()["results"]
    }
    assert channels == {"in_app": True, "email": True, "web_push": False, "mobile_push": False}
