"""What /auth and the staff calls on users take and answer."""

from accounts.constants import (
    MAIL_TOKEN_TEXT_MAX_LENGTH,
    NAME_MAX_LENGTH,
    PASSWORD_MAX_LENGTH,
    PLAN_SLUG_MAX_LENGTH,
    REASON_MAX_LENGTH,
    SCOPE_MAX_LENGTH,
    TERMS_VERSION_MAX_LENGTH,
    TOKEN_MAX_LENGTH,
    Factor,
    TokenTransport,
    UserStatus,
)
from ogc.api import fields
from ogc.api.serializers import OutSerializer, StrictSerializer

PASSWORD_INPUT_MAX_LENGTH = 1024
"""Longer than any password may be, so that too long a password is told as a weak one."""
REFRESH_TEXT_MAX_LENGTH = 100
MFA_TOKEN_MAX_LENGTH = 100
FACTORS = [Factor.PASSKEY.value, Factor.TOTP.value, Factor.RECOVERY_CODE.value]
CLIENT_TRANSPORTS = [TokenTransport.COOKIE.value, TokenTransport.BODY.value]
"""What a client may choose; the admin site's own is not among them."""


class RegisterIn(StrictSerializer):
    """A new account."""

    email = fields.Email()
    password = fields.Text(max_length=PASSWORD_INPUT_MAX_LENGTH, trim=False)
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    terms_version = fields.Text(max_length=TERMS_VERSION_MAX_LENGTH, required=False)


class TokenIn(StrictSerializer):
    """A mailed token."""

    token = fields.Text(max_length=MAIL_TOKEN_TEXT_MAX_LENGTH)


class EmailIn(StrictSerializer):
    """An address that something may be mailed to."""

    email = fields.Email()


class LoginIn(StrictSerializer):
    """Address and password."""

    email = fields.Email()
    password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False)
    token_transport = fields.Choice(choices=CLIENT_TRANSPORTS, required=False)


class RefreshIn(StrictSerializer):
    """The refresh token of clients that keep it themselves; others send the cookie."""

    refresh = fields.Text(max_length=REFRESH_TEXT_MAX_LENGTH, required=False)


class SuspendIn(StrictSerializer):
    """Why, and until when; no end needs `"confirm": true`."""

    reason = fields.Text(max_length=REASON_MAX_LENGTH)
    until = fields.Instant(required=False, allow_null=True)


class StaffReasonIn(StrictSerializer):
    """A reason for the audit trail."""

    reason = fields.Text(max_length=REASON_MAX_LENGTH, required=False)


class UserOut(OutSerializer):
    """A user as they see themselves."""

    id = fields.PublicId()
    email = fields.Email()
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    email_verified = fields.Bool()
    roles = fields.ListOf(child=fields.Text(max_length=SCOPE_MAX_LENGTH))
    scopes = fields.ListOf(child=fields.Text(max_length=SCOPE_MAX_LENGTH))
    plan = fields.Text(max_length=PLAN_SLUG_MAX_LENGTH)
    two_factor = fields.Bool()
    created_at = fields.Instant()


class RegisteredOut(OutSerializer):
    """The new account."""

    user = UserOut()


class LoggedInOut(OutSerializer):
    """A session; `refresh` with transport body only."""

    access = fields.Text(max_length=TOKEN_MAX_LENGTH)
    expires_in = fields.Int(minimum=1, maximum=3600)
    user = UserOut()
    refresh = fields.Text(max_length=REFRESH_TEXT_MAX_LENGTH, required=False)


class LoginOut(OutSerializer):
    """A session, or with a second factor on: `mfa_required` (true), `mfa_token`, `factors`, `expires_in`."""

    access = fields.Text(max_length=TOKEN_MAX_LENGTH, required=False)
    expires_in = fields.Int(minimum=1, maximum=3600)
    user = UserOut(required=False)
    refresh = fields.Text(max_length=REFRESH_TEXT_MAX_LENGTH, required=False)
    mfa_required = fields.Bool(required=False)
    mfa_token = fields.Text(max_length=MFA_TOKEN_MAX_LENGTH, required=False)
    factors = fields.ListOf(child=fields.Choice(choices=FACTORS), required=False)


class RefreshOut(OutSerializer):
    """The next tokens; `refresh` when the token came in the body."""

    access = fields.Text(max_length=TOKEN_MAX_LENGTH)
    expires_in = fields.Int(minimum=1, maximum=3600)
    refresh = fields.Text(max_length=REFRESH_TEXT_MAX_LENGTH, required=False)


class StandingOut(OutSerializer):
    """How a user stands, for staff."""

    id = fields.PublicId()
    email = fields.Email()
    name = fields.Text(max_length=NAME_MAX_LENGTH)
    status = fields.Choice(choices=UserStatus.values)
    suspended_until = fields.Instant(allow_null=True)
    reason = fields.Text(min_length=0, max_length=REASON_MAX_LENGTH)
