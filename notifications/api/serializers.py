"""Shapes of notifications, in and out."""

from rest_framework import serializers

from notifications.constants import Channel, DeliveryStatus, NotificationType
from ogc.api.fields import Bool, Choice, Int, Text
from ogc.api.serializers import OutSerializer, PageOut, StrictSerializer

WALL_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"


class NotificationFilter(StrictSerializer):
    """Query of the list."""

    type = Choice(NotificationType.values, required=False)
    unread = Bool(required=False)


class NotificationOut(OutSerializer):
    """One line in one's list."""

    id = serializers.CharField()
    type = serializers.ChoiceField(NotificationType.choices)
    title = serializers.CharField()
    message = serializers.CharField()
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="Public ids that a client needs to open the right page."
    )
    read = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class NotificationPageOut(PageOut):
    """A page of one's list."""

    results = NotificationOut(many=True)


class CountOut(OutSerializer):
    """A number."""

    count = serializers.IntegerField()


class StreamTicketOut(OutSerializer):
    """A one-time pass for the event stream."""

    ticket = serializers.CharField()
    url = serializers.CharField(help_text="Stream address with the ticket in it.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class ChannelOut(OutSerializer):
    """A way to reach people."""

    channel = serializers.ChoiceField(Channel.choices)
    name = serializers.CharField()
    available = serializers.BooleanField(help_text="Whether this platform serves it at present.")


class ChannelsOut(OutSerializer):
    """All channels."""

    results = ChannelOut(many=True)


class DeliveryFilter(StrictSerializer):
    """Query of the deliveries."""

    status = Choice(DeliveryStatus.values, required=False)


class DeliveryOut(OutSerializer):
    """One delivery, without address and text."""

    id = serializers.CharField()
    event_id = serializers.CharField()
    user_id = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    type = serializers.ChoiceField(NotificationType.choices)
    template = serializers.CharField()
    status = serializers.ChoiceField(DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)


class DeliveryPageOut(PageOut):
    """A page of the outbox."""

    results = DeliveryOut(many=True)


class ChannelChoices(StrictSerializer):
    """Channels of one type; what is left out follows the default."""

    in_app = Bool(required=False)
    email = Bool(required=False)
    web_push = Bool(required=False)
    mobile_push = Bool(required=False)


class TypeChoices(StrictSerializer):
    """Channels per type; what is left out follows the default."""

    system = ChannelChoices(required=False)
    security = ChannelChoices(required=False)
    challenge = ChannelChoices(required=False)
    submission = ChannelChoices(required=False)
    voting = ChannelChoices(required=False)
    wallet = ChannelChoices(required=False)
    subscription = ChannelChoices(required=False)
    badge = ChannelChoices(required=False)
    governance = ChannelChoices(required=False)


class QuietHours(StrictSerializer):
    """From `start` to `end`, over midnight when `end` is earlier."""

    start = Text(max_length=5, pattern=WALL_CLOCK)
    end = Text(max_length=5, pattern=WALL_CLOCK)


class Digest(StrictSerializer):
    """Hour of the day at which the digest goes out."""

    hour = Int(minimum=0, maximum=23)


class PreferencesIn(StrictSerializer):
    """All choices at once."""

    channels = TypeChoices()
    quiet_hours = QuietHours(required=False, allow_null=True)
    digest = Digest(required=False, allow_null=True)


class QuietHoursOut(OutSerializer):
    """Wall-clock times, HH:MM."""

    start = serializers.CharField()
    end = serializers.CharField()


class DigestOut(OutSerializer):
    """Hour of the day."""

    hour = serializers.IntegerField()


class PreferencesOut(OutSerializer):
    """The whole table, defaults filled in."""

    channels = serializers.DictField(child=serializers.DictField(child=serializers.BooleanField()))
    quiet_hours = QuietHoursOut(allow_null=True)
    digest = DigestOut(allow_null=True)
