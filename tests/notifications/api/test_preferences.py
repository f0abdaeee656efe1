import pytest

from notifications.models import Preference
from tests.api_client import error_code
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def mine(api):
    return api.as_user(UserFactory())


def test_who_never_chose_gets_the_defaults(mine):
    body = mine.get("notifications/preferences").json()
    assert body["quiet_hours"] is None
    assert body["digest"] is None
    assert body["channels"]["security"] == {
        "in_app": True,
        "email": True,
        "web_push": False,
        "mobile_push": False,
    }
    assert body["channels"]["voting"]["email"] is False
    assert Preference.objects.count() == 0


def test_choices_are_kept_and_replaced(mine):
    chosen = {
        "channels": {"wallet": {"email": False}, "voting": {"email": True}},
        "quiet_hours": {"start": "22:00", "end": "07:30"},
        "digest": {"hour": 8},
    }
    answer = mine.put("notifications/preferences", chosen)
    assert answer.status_code == 200
    assert answer.json() == mine.get("notifications/preferences").json()
    assert answer.json()["channels"]["wallet"]["email"] is False
    assert answer.json()["channels"]["voting"]["email"] is True
    assert answer.json()["quiet_hours"] == {"start": "22:00", "end": "07:30"}
    assert answer.json()["digest"] == {"hour": 8}

    body = mine.put("notifications/preferences", {"channels": {}, "quiet_hours": None, "digest": None}).json()
    assert body["channels"]["wallet"]["email"] is True
    assert (body["quiet_hours"], body["digest"]) == (None, None)
    assert Preference.objects.count() == 1


def test_security_can_not_be_turned_off(mine):
    answer = mine.put("notifications/preferences", {"channels": {"security": {"email": False}}})
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["details"]["channels.security"][0]["code"] == "not_allowed"
    assert Preference.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "channels"),
        ({"channels": {"gossip": {}}}, "channels.gossip"),
        ({"channels": {"wallet": {"pigeon": True}}}, "channels.wallet.pigeon"),
        ({"channels": {"wallet": {"email": "yes"}}}, "channels.wallet.email"),
        ({"channels": {}, "quiet_hours": {"start": "22:00"}}, "quiet_hours.end"),
        ({"channels": {}, "quiet_hours": {"start": "7:5", "end": "08:00"}}, "quiet_hours.start"),
        ({"channels": {}, "quiet_hours": {"start": "24:00", "end": "08:00"}}, "quiet_hours.start"),
        ({"channels": {}, "digest": {"hour": 24}}, "digest.hour"),
        ({"channels": {}, "user": 1}, "user"),
    ],
)
def test_bad_choices_are_named(mine, body, field):
    answer = mine.put("notifications/preferences", body)
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == [field]
    assert Preference.objects.count() == 0
