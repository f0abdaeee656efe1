"""Rows of notifications."""

import factory

from notifications.constants import Channel, DeliveryStatus, NotificationType
from notifications.models import Delivery, Notification, Template
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory


class NotificationFactory(factory.django.DjangoModelFactory):
    """An unread line in somebody's list."""

    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    event_id = factory.LazyFunction(uuid7)
    type = NotificationType.SYSTEM
    title = factory.Sequence(lambda n: f"Title {n}")
    message = "Something happened."
    data = factory.LazyFunction(dict)


class DeliveryFactory(factory.django.DjangoModelFactory):
    """A queued mail; needs the seeded templates."""

    class Meta:
        model = Delivery

    user = factory.SubFactory(UserFactory)
    event_id = factory.LazyFunction(uuid7)
    channel = Channel.EMAIL
    type = NotificationType.SUBMISSION
    template = factory.LazyFunction(
        lambda: Template.objects.get(active_name="challenges.submission_approved")
    )
    context = factory.LazyFunction(lambda: {"challenge": "Clean rivers"})
    status = DeliveryStatus.QUEUED
