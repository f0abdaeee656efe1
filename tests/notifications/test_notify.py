import pytest
from django.db import IntegrityError, transaction

from notifications.models import Delivery, Notification, Preference
from notifications.services.notify import notify
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from tests.factories.notifications import DeliveryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


def tell(person, event_id, template="challenges.submission_approved", **context):
    notify(
        actor=SYSTEM,
        event_id=event_id,
        user_id=person.public_id,
        template=template,
        context=context or {"challenge": "Clean <rivers>"},
        data={"challenge_id": "c1"},
    )


def tell_and_die(person, event_id):
    with transaction.atomic():
        tell(person, event_id)
        raise ZeroDivisionError


def test_one_row_in_the_app_and_one_delivery_per_channel(
    person, no_workers, django_capture_on_commit_callbacks
):
    event_id = uuid7()
    with django_capture_on_commit_callbacks(execute=True):
        tell(person, event_id)

    row = Notification.objects.get()
    assert (row.user_id, row.event_id, row.type) == (person.pk, event_id, "submission")
    assert row.title == "Your submission was approved"
    assert row.message == "Your submission to “Clean <rivers>” was approved."
    assert row.data == {"challenge_id": "c1"}
    assert row.read_at is None
    deliveries = {d.channel: d for d in Delivery.objects.all()}
    assert {c: d.status for c, d in deliveries.items()} == {"in_app": "delivered", "email": "queued"}
    assert deliveries["email"].context == {"challenge": "Clean <rivers>"}
    mail = deliveries["email"].pk
    assert no_workers == [("notifications.jobs.delivery_deliver", (mail,), "mail", f"delivery-{mail}-a1")]


def test_the_same_event_twice_tells_once(person, no_workers, django_capture_on_commit_callbacks):
    event_id = uuid7()
    with django_capture_on_commit_callbacks(execute=True):
        tell(person, event_id)
        tell(person, event_id)
    assert Notification.objects.count() == 1
    assert Delivery.objects.count() == 2
    assert len(no_workers) == 1


def test_the_database_itself_refuses_a_second_delivery(person):
    first = DeliveryFactory(user=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory(user=person, event_id=first.event_id)
    assert Delivery.objects.count() == 1


def test_a_crash_before_the_commit_leaves_nothing(person, no_workers, django_capture_on_commit_callbacks):
    event_id = uuid7()
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ZeroDivisionError):
            tell_and_die(person, event_id)
        assert Notification.objects.count() == Delivery.objects.count() == 0
        tell(person, event_id)
    assert Delivery.objects.count() == 2
    assert len(no_workers) == 1


def test_choices_are_followed(person):
    Preference.objects.create(
        user=person, channels={"submission": {"email": False}, "security": {"email": False}}
    )
    tell(person, uuid7())
    assert list(Delivery.objects.values_list("channel", flat=True)) == ["in_app"]
    tell(person, uuid7(), template="accounts.refresh_reused")
    assert Delivery.objects.filter(type="security").count() == 2


def test_a_template_without_a_message_shows_nothing_in_the_app(person):
    tell(person, uuid7(), template="accounts.verification", mail_token_id="t1")
    assert Notification.objects.count() == 0
    assert list(Delivery.objects.values_list("channel", "status")) == [("email", "queued")]
