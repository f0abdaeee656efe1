import smtplib
from datetime import timedelta

import pytest

from notifications.errors import DeliveryNotResendable
from notifications.models import Delivery
from notifications.selectors import deliveries_due
from notifications.services.deliveries import delivery_attempt, delivery_resend
from notifications.services.outbox import delivery_next_key
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.errors import PermissionDenied
from tests.factories.notifications import DeliveryFactory
from tests.notifications.smtp_double import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def smtp(settings):
    """A mail server that the platform is configured for."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server


def make_due(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=clock.real_now() - timedelta(seconds=1))


def test_a_mail_in_a_file_is_delivered(person, mail_folder):
    delivery = DeliveryFactory(user=person)
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("delivered", 1, "")
    assert delivery.sent_at == delivery.delivered_at is not None
    assert delivery.lease_until is None
    assert delivery.reference == f"<{delivery.public_id}@ogc.local>"
    assert [file.name for file in mail_folder.iterdir()] == [f"{delivery.public_id}.eml"]


def test_what_a_server_took_is_sent_but_not_yet_delivered(person, smtp):
    delivery = DeliveryFactory(user=person)
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.delivered_at) == ("sent", None)
    assert len(smtp.messages) == 1
    assert f"Message-ID: <{delivery.public_id}@ogc.local>".encode() in smtp.messages[0]


def test_a_done_delivery_is_not_sent_again(person, smtp):
    delivery = DeliveryFactory(user=person)
    for _ in range(3):
        delivery_attempt(pk=delivery.pk)
    assert len(smtp.messages) == 1
    assert Delivery.objects.get().attempts == 1


def test_nobody_sends_what_somebody_else_is_sending(person, smtp):
    delivery = DeliveryFactory(user=person, lease_until=clock.real_now() + timedelta(seconds=30), attempts=1)
    delivery_attempt(pk=delivery.pk)
    assert smtp.messages == []
    assert deliveries_due(10) == []


def test_failures_wait_5_30_and_120_seconds_on_the_real_clock_and_then_it_is_dead(person, smtp, monkeypatch):
    monkeypatch.setattr(clock, "_offset", timedelta(days=30))
    smtp.rcpt_reply = "451 busy"
    delivery = DeliveryFactory(user=person)
    for number, seconds in enumerate((5, 30, 120), start=1):
        before = clock.real_now()
        delivery_attempt(pk=delivery.pk)
        after = clock.real_now()
        delivery.refresh_from_db()
        assert (delivery.status, delivery.attempts) == ("failed", number)
        wait = timedelta(seconds=seconds)
        assert before + wait <= delivery.next_attempt_at <= after + wait
        assert delivery_next_key(delivery.pk) == f"delivery-{delivery.pk}-a{number + 1}"
        assert deliveries_due(10) == []
        delivery_attempt(pk=delivery.pk)  # too early: nothing happens
        assert Delivery.objects.get().attempts == number
        make_due(delivery)
        assert deliveries_due(10) == [delivery.pk]
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == ("dead", 4, None)
    assert delivery.last_error == "MailNotSent: recipient refused (451)"
    assert deliveries_due(10) == []
    assert smtp.messages == []


def test_a_server_that_is_away_is_tried_again(person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    delivery = DeliveryFactory(user=person)
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("failed", "MailNotSent: ConnectionRefusedError")


def test_a_refused_mailbox_is_dead_at_once(person, smtp):
    smtp.rcpt_reply = "550 no such user"
    delivery = DeliveryFactory(user=person)
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("dead", 1)
    assert delivery.last_error == "MailRefused: recipient refused (550)"


def test_a_crash_between_sending_and_recording_sends_the_same_message_again(person, mail_folder, monkeypatch):
    delivery = DeliveryFactory(user=person)

    def die(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("notifications.services.deliveries._record_sent", die)
        with pytest.raises(KeyboardInterrupt):
            delivery_attempt(pk=delivery.pk)
    assert Delivery.objects.get().status == "queued"
    assert deliveries_due(10) == []  # the lease holds
    Delivery.objects.update(lease_until=clock.real_now() - timedelta(seconds=1))
    assert deliveries_due(10) == [delivery.pk]
    delivery_attempt(pk=delivery.pk)
    assert Delivery.objects.get().status == "delivered"
    assert len(list(mail_folder.iterdir())) == 1


def test_a_delivery_that_kills_its_worker_each_time_ends_dead(person, mail_folder):
    delivery = DeliveryFactory(user=person, attempts=4)
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("dead", "attempts ended without a result")
    assert not mail_folder.exists()


def test_a_late_result_does_not_overwrite_a_newer_attempt(person, smtp, monkeypatch):
    delivery = DeliveryFactory(user=person)

    def slow(**kwargs):
        # Meanwhile the lease ran out and another worker took over.
        Delivery.objects.filter(pk=delivery.pk).update(attempts=2)
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", lambda self: slow())
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("queued", 2)


def test_closed_accounts_get_no_mail(person, mail_folder):
    delivery = DeliveryFactory(user=person)
    type(person).objects.filter(pk=person.pk).update(status="closed")
    delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("dead", "RecipientGone: no address")


def test_a_dead_one_is_sent_again_with_all_its_tries(
    person, smtp, no_workers, django_capture_on_commit_callbacks
):
    delivery = DeliveryFactory(user=person, status="dead", attempts=4, last_error="x")
    with django_capture_on_commit_callbacks(execute=True):
        delivery_resend(actor=SYSTEM, delivery=delivery)
    assert (delivery.status, delivery.attempts, delivery.round_attempts) == ("queued", 4, 0)
    assert no_workers[0][3] == f"delivery-{delivery.pk}-a5"
    smtp.rcpt_reply = "451 busy"
    for _ in range(4):
        make_due(delivery)
        delivery_attempt(pk=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("dead", 8)


@pytest.mark.parametrize("status", ["queued", "failed", "sent", "delivered"])
def test_only_dead_ones_are_sent_again(person, status, no_workers):
    delivery = DeliveryFactory(user=person, status=status)
    with pytest.raises(DeliveryNotResendable):
        delivery_resend(actor=SYSTEM, delivery=delivery)
    delivery.refresh_from_db()
    assert delivery.status == status
    assert no_workers == []


def test_sending_again_needs_the_scope(person):
    delivery = DeliveryFactory(user=person, status="dead")
    with pytest.raises(PermissionDenied):
        delivery_resend(
            actor=Actor(kind="user", user_id=person.public_id, scopes=frozenset({"self"})), delivery=delivery
        )
    delivery.refresh_from_db()
    assert delivery.status == "dead"
