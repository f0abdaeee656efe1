"""What the security timeline takes and answers."""

from accounts.constants import DEVICE_MAX_LENGTH, IP_MAX_LENGTH, ActivityKind
from ogc.api import fields
from ogc.api.serializers import OutSerializer, PageOut, StrictSerializer

SENTENCE_MAX_LENGTH = 300


class ActivityFilter(StrictSerializer):
    """Query of the timeline."""

    kind = fields.Choice(choices=ActivityKind.values, required=False)


class ActivityOut(OutSerializer):
    """One line; `deniable` says whether "this wasn't me" can be answered to it."""

    id = fields.PublicId()
    kind = fields.Choice(choices=ActivityKind.values)
    text = fields.Text(max_length=SENTENCE_MAX_LENGTH)
    created_at = fields.Instant()
    ip = fields.Text(max_length=IP_MAX_LENGTH, allow_null=True)
    device = fields.Text(min_length=0, max_length=DEVICE_MAX_LENGTH)
    session_id = fields.PublicId(allow_null=True)
    current_session = fields.Bool()
    details = fields.JsonObject()
    deniable = fields.Bool()
    denied_at = fields.Instant(allow_null=True)


class ActivityPageOut(PageOut):
    """A page of the timeline."""

    results = ActivityOut(many=True)
