"""Many workers at one row, on real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.services.seed import seed as seed_accounts
from analytics.models import Event
from analytics.services.ingest import events_ingest
from notifications.models import Delivery, Notification
from notifications.services.deliveries import delivery_attempt
from notifications.services.notify import notify
from notifications.services.seed import seed
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory
from tests.factories.notifications import DeliveryFactory
from tests.notifications.smtp_double import mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

WORKERS = 12


def at_once(call):
    """Call from WORKERS threads with a connection each, all starting together; their results."""
    start = threading.Barrier(WORKERS)

    def work(number):
        try:
            start.wait(10)
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, range(WORKERS)))


@pytest.fixture
def someone(no_workers):
    seed_accounts(debug=False)
    seed(debug=False)
    return UserFactory(wallet=False)


def test_one_delivery_is_sent_by_one_of_many_workers(someone, settings):
    delivery = DeliveryFactory(user=someone)
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        at_once(lambda _: delivery_attempt(pk=delivery.pk))
        assert len(server.messages) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("sent", 1)


def test_one_event_told_by_many_at_once_is_told_once(someone):
    event_id = uuid7()
    at_once(
        lambda _: notify(
            actor=SYSTEM,
            event_id=event_id,
            user_id=someone.public_id,
            template="challenges.submission_approved",
            context={"challenge": "Rivers"},
        )
    )
    assert Notification.objects.count() == 1
    assert sorted(Delivery.objects.values_list("channel", "status")) == [
        ("email", "queued"),
        ("in_app", "delivered"),
    ]


def test_one_batch_sent_many_times_at_once_is_stored_once(someone):
    actor = Actor(kind="user", user_id=someone.public_id, scopes=frozenset({"self"}))
    ts = clock.now().isoformat()
    batch = [{"event_id": f"e{n}", "name": "page_viewed", "ts": ts} for n in range(100)]
    results = at_once(lambda number: events_ingest(actor=actor, events=batch[number:] + batch[:number]))
    assert Event.objects.count() == 100
    assert sum(result.accepted for result in results) == 100
    assert sum(result.duplicates for result in results) == 100 * (WORKERS - 1)
