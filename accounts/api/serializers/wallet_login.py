"""What /auth/wallet takes and answers."""

from accounts.api.serializers.auth import CLIENT_TRANSPORTS
from accounts.constants import ADDRESS_MESSAGE_MAX_LENGTH, ADDRESS_SIGNATURE_MAX_LENGTH
from ogc.api import fields
from ogc.api.serializers import OutSerializer, StrictSerializer

NONCE_MAX_LENGTH = 32


class WalletNonceIn(StrictSerializer):
    """The address that will sign."""

    address = fields.EthAddress()


class WalletNonceOut(OutSerializer):
    """`message` is ready for personal_sign."""

    nonce = fields.Text(max_length=NONCE_MAX_LENGTH)
    message = fields.Text(max_length=ADDRESS_MESSAGE_MAX_LENGTH, multiline=True)
    expires_at = fields.Instant()


class WalletLoginIn(StrictSerializer):
    """A signed EIP-4361 text; the signature in 0x hex."""

    message = fields.Text(max_length=ADDRESS_MESSAGE_MAX_LENGTH, multiline=True, trim=False)
    signature = fields.Text(max_length=ADDRESS_SIGNATURE_MAX_LENGTH)
    token_transport = fields.Choice(choices=CLIENT_TRANSPORTS, required=False)
