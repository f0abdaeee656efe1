"""Rows of analytics."""

import factory

from analytics.models import Event
from ogc import clock
from ogc.ids import uuid7


class EventFactory(factory.django.DjangoModelFactory):
    """Something that a client saw just now."""

    class Meta:
        model = Event

    dedupe_key = factory.LazyFunction(lambda: f"test:{uuid7()}")
    name = "challenge_viewed"
    ts = factory.LazyFunction(clock.now)
