"""What the calls on passwords, addresses and terms take."""

from accounts.api.serializers.auth import PASSWORD_INPUT_MAX_LENGTH
from accounts.constants import MAIL_TOKEN_TEXT_MAX_LENGTH, PASSWORD_MAX_LENGTH, TERMS_VERSION_MAX_LENGTH
from ogc.api import fields
from ogc.api.serializers import StrictSerializer


class ResetPasswordIn(StrictSerializer):
    """The mailed token and what the password shall be."""

    token = fields.Text(max_length=MAIL_TOKEN_TEXT_MAX_LENGTH)
    new_password = fields.Text(max_length=PASSWORD_INPUT_MAX_LENGTH, trim=False)


class ChangePasswordIn(StrictSerializer):
    """The present password and what it shall be."""

    old_password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False)
    new_password = fields.Text(max_length=PASSWORD_INPUT_MAX_LENGTH, trim=False)


class ChangeEmailIn(StrictSerializer):
    """The address to use, and the password."""

    new_email = fields.Email()
    password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False)


class TermsIn(StrictSerializer):
    """The version that is accepted."""

    version = fields.Text(max_length=TERMS_VERSION_MAX_LENGTH)
