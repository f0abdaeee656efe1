"""What the calls on second factors and step-ups take and answer."""

from accounts.api.serializers.auth import MFA_TOKEN_MAX_LENGTH
from accounts.api.serializers.passkeys import ASSERTION, Credential
from accounts.constants import MFA_CODE_MAX_LENGTH, PASSWORD_MAX_LENGTH
from ogc.api import fields
from ogc.api.serializers import OutSerializer, StrictSerializer

URI_MAX_LENGTH = 1000
SVG_MAX_LENGTH = 50_000
RECOVERY_CODE_LENGTH = 14


class CodeIn(StrictSerializer):
    """A code of the authenticator app."""

    code = fields.Text(max_length=MFA_CODE_MAX_LENGTH)


class TotpDisableIn(StrictSerializer):
    """The password, and a code of the app or a recovery code."""

    password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False)
    code = fields.Text(max_length=MFA_CODE_MAX_LENGTH)


class MfaVerifyIn(StrictSerializer):
    """What /auth/login answered, and a code of the app or a recovery code."""

    mfa_token = fields.Text(max_length=MFA_TOKEN_MAX_LENGTH)
    code = fields.Text(max_length=MFA_CODE_MAX_LENGTH)


class StepUpIn(StrictSerializer):
    """Exactly one of them; `passkey` answers the options of purpose `step_up`."""

    password = fields.Text(max_length=PASSWORD_MAX_LENGTH, trim=False, required=False)
    code = fields.Text(max_length=MFA_CODE_MAX_LENGTH, required=False)
    passkey = Credential(members=ASSERTION, required=False)


class TotpSetupOut(OutSerializer):
    """What an authenticator app scans; holds the seed."""

    otpauth_uri = fields.Text(max_length=URI_MAX_LENGTH)
    qr_svg = fields.Text(max_length=SVG_MAX_LENGTH)


class RecoveryCodesOut(OutSerializer):
    """Ten codes, shown this once."""

    recovery_codes = fields.ListOf(child=fields.Text(max_length=RECOVERY_CODE_LENGTH))
