"""What /auth/passkeys takes and answers."""

from typing import Any

from accounts.api.serializers.auth import CLIENT_TRANSPORTS, MFA_TOKEN_MAX_LENGTH
from accounts.constants import PASSKEY_NAME_MAX_LENGTH, PASSKEY_TRANSPORTS, CeremonyPurpose
from ogc.api import fields
from ogc.api.serializers import OutSerializer, StrictSerializer

BASE64URL_MAX_LENGTH = 2048
RECOVERY_CODE_TEXT_MAX_LENGTH = 40
PURPOSES = (CeremonyPurpose.LOGIN.value, CeremonyPurpose.STEP_UP.value)
ASSERTION = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
_TEXT = {"type": "string"}


class Credential(fields.JsonObject):
    """What `PublicKeyCredential.toJSON()` gives; members that a later level of the standard adds are fine."""

    def __init__(self, *, members: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(max_items=100, max_depth=6, **kwargs)
        self.members = members

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        response = {
            "type": "object",
            "properties": dict.fromkeys(self.members, _TEXT),
            "additionalProperties": True,
        }
        return {
            "type": "object",
            "description": "PublicKeyCredential.toJSON() of the browser (Web Authentication Level 3).",
            "properties": {"id": _TEXT, "rawId": _TEXT, "type": _TEXT, "response": response},
            "additionalProperties": True,
        }


class PasskeyIn(StrictSerializer):
    """A new passkey; without a name it is called after the device."""

    name = fields.Text(max_length=PASSKEY_NAME_MAX_LENGTH, required=False)
    credential = Credential(members=("clientDataJSON", "attestationObject"))


class PasskeyLoginOptionsIn(StrictSerializer):
    """`mfa_token` for the second step of a login; purpose `step_up` for the caller's own step-up."""

    mfa_token = fields.Text(max_length=MFA_TOKEN_MAX_LENGTH, required=False)
    purpose = fields.Choice(choices=PURPOSES, required=False)


class PasskeyLoginIn(StrictSerializer):
    """An assertion; with `mfa_token` the second step of a login, whose transport then counts."""

    credential = Credential(members=ASSERTION)
    mfa_token = fields.Text(max_length=MFA_TOKEN_MAX_LENGTH, required=False)
    token_transport = fields.Choice(choices=CLIENT_TRANSPORTS, required=False)


class PasskeyOut(OutSerializer):
    """A passkey; `backed_up` says that it is copied to other devices of its owner."""

    id = fields.PublicId()
    name = fields.Text(max_length=PASSKEY_NAME_MAX_LENGTH)
    backed_up = fields.Bool()
    transports = fields.ListOf(child=fields.Choice(choices=PASSKEY_TRANSPORTS))
    created_at = fields.Instant()
    last_used_at = fields.Instant(allow_null=True)


class PasskeyAddedOut(PasskeyOut):
    """The new passkey; `recovery_codes` with the first factor of an account, shown this once."""

    recovery_codes = fields.ListOf(
        child=fields.Text(max_length=RECOVERY_CODE_TEXT_MAX_LENGTH), required=False
    )


class PasskeysOut(OutSerializer):
    """All passkeys of an account, newest first; they are few."""

    results = fields.ListOf(child=PasskeyOut())


class DescriptorOut(OutSerializer):
    """A known credential."""

    type = fields.Choice(choices=("public-key",))
    id = fields.Text(max_length=BASE64URL_MAX_LENGTH)
    transports = fields.ListOf(child=fields.Choice(choices=PASSKEY_TRANSPORTS), required=False)


class RpOut(OutSerializer):
    """Whom passkeys are made for; `id` is a domain."""

    id = fields.Text(max_length=253)
    name = fields.Text(max_length=100)


class UserEntityOut(OutSerializer):
    """Whose passkey it is; `id` is opaque."""

    id = fields.Text(max_length=BASE64URL_MAX_LENGTH)
    name = fields.Text(max_length=254)
    displayName = fields.Text(max_length=100)  # noqa: N815


class AlgorithmOut(OutSerializer):
    """A COSE algorithm."""

    type = fields.Choice(choices=("public-key",))
    alg = fields.Int(minimum=-65535, maximum=0)


class SelectionOut(OutSerializer):
    """What the authenticator must be able to do."""

    residentKey = fields.Choice(choices=("required",))  # noqa: N815
    requireResidentKey = fields.Bool()  # noqa: N815
    userVerification = fields.Choice(choices=("required",))  # noqa: N815


class CreationOptionsOut(OutSerializer):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON`."""

    rp = RpOut()
    user = UserEntityOut()
    challenge = fields.Text(max_length=BASE64URL_MAX_LENGTH)
    pubKeyCredParams = fields.ListOf(child=AlgorithmOut())  # noqa: N815
    timeout = fields.Int(minimum=0, maximum=600_000)
    excludeCredentials = fields.ListOf(child=DescriptorOut())  # noqa: N815
    authenticatorSelection = SelectionOut()  # noqa: N815
    attestation = fields.Choice(choices=("none",))


class RequestOptionsOut(OutSerializer):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON`."""

    challenge = fields.Text(max_length=BASE64URL_MAX_LENGTH)
    timeout = fields.Int(minimum=0, maximum=600_000)
    rpId = fields.Text(max_length=253)  # noqa: N815
    allowCredentials = fields.ListOf(child=DescriptorOut(), required=False)  # noqa: N815
    userVerification = fields.Choice(choices=("required",))  # noqa: N815
