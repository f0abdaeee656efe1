"""Shapes of analytics, in and out."""

from typing import Any

from rest_framework import serializers

from analytics.constants import (
    EVENT_ID_MAX_LENGTH,
    INGEST_MAX_EVENTS,
    NAME_MAX_LENGTH,
    SESSION_ID_MAX_LENGTH,
    Interval,
    Metric,
    MetricRange,
)
from ogc.api.fields import Choice, StrictField
from ogc.api.serializers import OutSerializer, StrictSerializer


class EventList(StrictField):
    """1 to 500 JSON values; each is judged by the service, so that one bad event does not cost the others."""

    default_error_messages = {
        "not_a_list": "This must be a list of events.",
        "empty": "Send at least one event.",
        "too_many": f"At most {INGEST_MAX_EVENTS} events a call.",
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        """The list as it came."""
        if not isinstance(data, list):
            self.fail("not_a_list")
        if not data:
            self.fail("empty")
        if len(data) > INGEST_MAX_EVENTS:
            self.fail("too_many")
        return data

    def json_schema(self) -> dict[str, Any]:
        """The list in the OpenAPI document; what is not as described is named in `rejected`."""
        event = {
            "type": "object",
            "required": ["name", "ts"],
            "properties": {
                "event_id": {"type": "string", "maxLength": EVENT_ID_MAX_LENGTH},
                "name": {"type": "string", "maxLength": NAME_MAX_LENGTH},
                "ts": {"type": "string", "format": "date-time"},
                "session_id": {"type": "string", "maxLength": SESSION_ID_MAX_LENGTH},
                "properties": {"type": "object"},
            },
        }
        return {"type": "array", "minItems": 1, "maxItems": INGEST_MAX_EVENTS, "items": event}


class IngestIn(StrictSerializer):
    """A batch: `events` are {event_id?, name, ts, session_id?, properties?}."""

    events = EventList()


class RejectedOut(OutSerializer):
    """Why one event was not taken."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()


class IngestOut(OutSerializer):
    """What became of a batch; accepted + duplicates + rejected = all."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = RejectedOut(many=True)


class MetricQuery(StrictSerializer):
    """Which metric, how far back, in which steps."""

    name = Choice(Metric.values)
    range = Choice(MetricRange.values, required=False, default=MetricRange.MONTH)
    interval = Choice(Interval.values, required=False, default=Interval.DAY)


class SeriesOut(OutSerializer):
    """One line of a chart."""

    name = serializers.CharField()
    data = serializers.ListField(  # type: ignore[assignment]
        child=serializers.IntegerField()
    )


class MetricOut(OutSerializer):
    """Labels are first days of intervals; each series has one number for each label."""

    labels = serializers.ListField(child=serializers.DateField())
    series = SeriesOut(many=True)
