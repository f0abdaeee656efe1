"""What /auth/sessions answers."""

from accounts.constants import DEVICE_MAX_LENGTH, IP_MAX_LENGTH, LoginMethod
from ogc.api import fields
from ogc.api.serializers import OutSerializer, PageOut


class SessionOut(OutSerializer):
    """A login that lives; `device` is empty when the client did not say, `mfa`: a second factor was given."""

    id = fields.PublicId()
    device = fields.Text(min_length=0, max_length=DEVICE_MAX_LENGTH)
    ip = fields.Text(max_length=IP_MAX_LENGTH, allow_null=True)
    method = fields.Choice(choices=LoginMethod.values)
    created_at = fields.Instant()
    last_used_at = fields.Instant()
    current = fields.Bool()
    mfa = fields.Bool()


class SessionPageOut(PageOut):
    """A page of sessions."""

    results = SessionOut(many=True)
