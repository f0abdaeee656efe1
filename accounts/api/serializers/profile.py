"""What /users and the staff's reads of users take and answer."""

from typing import Any

from rest_framework import serializers

from accounts.constants import (
    BIO_MAX_LENGTH,
    BIRTH_YEAR_MIN,
    LOCALE_MAX_LENGTH,
    NAME_MAX_LENGTH,
    PASSWORD_MAX_LENGTH,
    PLAN_SLUG_MAX_LENGTH,
    REASON_MAX_LENGTH,
    SCOPE_MAX_LENGTH,
    TERMS_VERSION_MAX_LENGTH,
    TIME_ZONE_MAX_LENGTH,
    ExportStatus,
    Factor,
    Track,
    UserStatus,
)
from accounts.rules import locale_canonical, time_zone_is_known
from ogc.api import fields
from ogc.api.numbered import NumberedQuery
from ogc.api.serializers import OutSerializer, PageOut, StrictSerializer

URL_MAX_LENGTH = 500
BIRTH_YEAR_MAX = 2100
SEARCH_MAX_LENGTH = 100


class Locale(fields.Text):
    """A language tag such as en, pt-BR or zh-Hant-TW."""

    def to_internal_value(self, data: Any) -> str:
        """The tag in its canonical case."""
        locale = locale_canonical(super().to_internal_value(data))
        if locale is None:
            self.fail("form")
        return str(locale)


class TimeZone(fields.Text):
    """The name of an IANA time zone such as Europe/Berlin."""

    def to_internal_value(self, data: Any) -> str:
        """The name."""
        name = super().to_internal_value(data)
        if not time_zone_is_known(name):
            self.fail("form")
        return name


class ProfileIn(StrictSerializer):
    """What people change of themselves; null is "not set", a missing field stays.

    `avatar` is a file of a multipart form, or null to have none.
    """

    name = fields.Text(max_length=NAME_MAX_LENGTH)
    bio = fields.Text(min_length=0, max_length=BIO_MAX_LENGTH, multiline=True)
    avatar = fields.File(allow_null=True)
    locale = Locale(max_length=LOCALE_MAX_LENGTH, allow_null=True)
    time_zone = TimeZone(max_length=TIME_ZONE_MAX_LENGTH, allow_null=True)
    track = fields.Choice(choices=Track.values, allow_null=True)
    birth_year = fields.Int(minimum=BIRTH_YEAR_MIN, maximum=BIRTH_YEAR_MAX, allow_null=True)


class CloseIn(StrictSerializer):
    """The password once more: closing can't be undone."""

    password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False)


class AvatarQuery(StrictSerializer):
    """`v` names the picture, so that a new one has a new address; it decides nothing."""

    v = fields.Text(max_length=64, required=False)


class ProfileOut(OutSerializer):
    """A person as they see themselves; null is "not set"."""

    id = fields.PublicId()
    email = fields.Email()
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    bio = fields.Text(min_length=0, max_length=BIO_MAX_LENGTH)
    avatar = fields.Text(max_length=URL_MAX_LENGTH, allow_null=True)
    locale = fields.Text(max_length=LOCALE_MAX_LENGTH, allow_null=True)
    time_zone = fields.Text(max_length=TIME_ZONE_MAX_LENGTH, allow_null=True)
    track = fields.Choice(choices=Track.values, allow_null=True)
    birth_year = fields.Int(minimum=BIRTH_YEAR_MIN, maximum=BIRTH_YEAR_MAX, allow_null=True)
    email_verified = fields.Bool()
    plan = fields.Text(max_length=PLAN_SLUG_MAX_LENGTH)
    two_factor = fields.Bool()
    terms_version = fields.Text(max_length=TERMS_VERSION_MAX_LENGTH, allow_null=True)
    created_at = fields.Instant()


class ShownBadgeOut(OutSerializer):
    """A badge that somebody holds."""

    slug = fields.Text(max_length=60)
    name = fields.Text(max_length=80)
    tier = fields.Text(max_length=16)
    icon = fields.Text(min_length=0, max_length=80)
    awarded_at = fields.Instant()


class FinishedChallengeOut(OutSerializer):
    """A challenge that somebody finished, and the rank there."""

    id = fields.PublicId()
    slug = fields.Text(max_length=120)
    title = fields.Text(max_length=200)
    rank = fields.Int(minimum=1, maximum=2**31)


class PublicProfileOut(OutSerializer):
    """What anybody may know of a user; `rank` by contribution points, null below the first."""

    id = fields.PublicId()
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    avatar = fields.Text(max_length=URL_MAX_LENGTH, allow_null=True)
    badges = ShownBadgeOut(many=True)
    rank = fields.Text(max_length=16, allow_null=True)
    finished_challenges = FinishedChallengeOut(many=True)


class UsersQuery(NumberedQuery):
    """Filters of the list; `search` is the beginning of an address, a name or an id."""

    role = fields.Text(max_length=SCOPE_MAX_LENGTH, required=False)
    status = fields.Choice(choices=UserStatus.values, required=False)
    search = fields.Text(max_length=SEARCH_MAX_LENGTH, required=False)


class UserRowOut(OutSerializer):
    """A user in the list of staff."""

    id = fields.PublicId()
    email = fields.Text(max_length=254)
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    status = fields.Choice(choices=UserStatus.values)
    suspended_until = fields.Instant(allow_null=True)
    roles = fields.ListOf(child=fields.Text(max_length=SCOPE_MAX_LENGTH))
    plan = fields.Text(max_length=PLAN_SLUG_MAX_LENGTH)
    email_verified = fields.Bool()
    two_factor = fields.Bool()
    created_at = fields.Instant()


class UserPageOut(PageOut):
    """One page of users."""

    count = fields.Int(minimum=0, maximum=2**53)
    results = UserRowOut(many=True)


class UserDetailOut(UserRowOut):
    """Everything that staff may know of a user."""

    reason = fields.Text(min_length=0, max_length=REASON_MAX_LENGTH)
    scopes = fields.ListOf(child=fields.Text(max_length=SCOPE_MAX_LENGTH))
    factors = fields.ListOf(child=fields.Choice(choices=Factor.values))
    live_sessions = fields.Int(minimum=0, maximum=2**31)
    last_login_at = fields.Instant(allow_null=True)
    email_verified_at = fields.Instant(allow_null=True)
    terms_version = fields.Text(max_length=TERMS_VERSION_MAX_LENGTH, allow_null=True)
    terms_accepted_at = fields.Instant(allow_null=True)
    bio = fields.Text(min_length=0, max_length=BIO_MAX_LENGTH)
    avatar = fields.Text(max_length=URL_MAX_LENGTH, allow_null=True)
    locale = fields.Text(max_length=LOCALE_MAX_LENGTH, allow_null=True)
    time_zone = fields.Text(max_length=TIME_ZONE_MAX_LENGTH, allow_null=True)
    track = fields.Choice(choices=Track.values, allow_null=True)
    birth_year = fields.Int(minimum=BIRTH_YEAR_MIN, maximum=BIRTH_YEAR_MAX, allow_null=True)
    closed_at = fields.Instant(allow_null=True)


class ExportOut(OutSerializer):
    """An export of one's personal data, under way or done."""

    id = fields.PublicId()
    status = fields.Choice(choices=ExportStatus.values)


class ExportArchiveOut(OutSerializer):
    """The archive: each section is a list of rows of one kind."""

    user_id = fields.PublicId()
    created_at = fields.Instant()
    sections = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))
