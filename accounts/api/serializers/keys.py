"""What /.well-known/jwks.json answers."""

from ogc.api import fields
from ogc.api.serializers import OutSerializer

BASE64_LENGTH = 43
"""Of 32 bytes, without padding."""


class JwkOut(OutSerializer):
    """The public half of a key (RFC 8037)."""

    kty = fields.Choice(choices=["OKP"])
    crv = fields.Choice(choices=["Ed25519"])
    kid = fields.Text(max_length=BASE64_LENGTH)
    x = fields.Text(max_length=BASE64_LENGTH)
    alg = fields.Choice(choices=["EdDSA"])
    use = fields.Choice(choices=["sig"])


class JwksOut(OutSerializer):
    """The keys whose tokens are accepted, oldest first; the last one signs."""

    keys = JwkOut(many=True)
