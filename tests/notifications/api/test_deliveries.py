import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Delivery
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.notifications import DeliveryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def staff(api, templates):
    return api.as_user(UserFactory(), scopes=frozenset({"self", "notification.send"}))


def test_the_list_shows_neither_address_nor_text(staff, person):
    row = DeliveryFactory(user=person, status="dead", attempts=4, last_error="MailNotSent: x")
    body = staff.get("notifications/deliveries").json()["results"]
    assert body == [
        {
            "id": row.public_id,
            "event_id": row.event_id,
            "user_id": person.public_id,
            "channel": "email",
            "type": "submission",
            "template": "challenges.submission_approved",
            "status": "dead",
            "attempts": 4,
            "next_attempt_at": None,
            "last_error": "MailNotSent: x",
            "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
            "sent_at": None,
            "delivered_at": None,
        }
    ]


def test_the_list_by_status(staff, person):
    dead = DeliveryFactory(user=person, status="dead")
    DeliveryFactory(user=person)
    body = staff.get("notifications/deliveries?status=dead").json()
    assert [row["id"] for row in body["results"]] == [dead.public_id]
    answer = staff.get("notifications/deliveries?status=lost")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_takes_one_query_whatever_its_length(staff, person, count):
    DeliveryFactory.create_batch(count, user=person)
    with CaptureQueriesContext(connection) as queries:
        assert len(staff.get("notifications/deliveries?page_size=100").json()["results"]) == count
    assert len(queries) == 1


def test_a_dead_one_is_sent_again(staff, person, mail_folder, drain):
    row = DeliveryFactory(user=person, status="dead", attempts=4)
    answer = staff.post(f"notifications/deliveries/{row.public_id}/resend")
    assert answer.status_code == 200
    assert answer.json()["status"] == "queued"
    drain()
    assert Delivery.objects.get().status == "delivered"
    assert len(list(mail_folder.iterdir())) == 1


def test_one_that_lives_is_not(staff, person, no_workers):
    row = DeliveryFactory(user=person, status="sent")
    answer = staff.post(f"notifications/deliveries/{row.public_id}/resend")
    assert (answer.status_code, error_code(answer)) == (409, "DELIVERY_NOT_RESENDABLE")
    assert no_workers == []


def test_unknown_ones_are_not_found(staff):
    answer = staff.post(f"notifications/deliveries/{uuid7()}/resend")
    assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")


def test_the_scope_is_needed(api, person):
    row = DeliveryFactory(user=person, status="dead")
    client = api.as_user(person)
    for answer in (
        client.get("notifications/deliveries"),
        client.post(f"notifications/deliveries/{row.public_id}/resend"),
    ):
        assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")
        assert answer.json()["error"]["details"]["scope"] == "notification.send"
    assert Delivery.objects.get().status == "dead"
