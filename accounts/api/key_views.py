"""The public halves of the keys of access tokens."""

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors
from accounts.api.serializers.keys import JwksOut
from ogc.api.endpoint import PUBLIC, endpoint
from ogc.api.responses import ok
from ogc.api.views import ApiView

CACHE_SECONDS = 60
"""Whoever checks tokens elsewhere learns of a compromised key so much later."""


class JwksView(ApiView):
    """/.well-known/jwks.json"""

    @endpoint(
        summary="Keys of access tokens",
        tags=["auth"],
        responses={200: JwksOut},
        scope=PUBLIC,
        rate=None,
        login_ignored=True,
        description="At the root of the host. A JSON Web Key Set (RFC 7517) of the keys that are accepted.",
        example={
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                    "alg": "EdDSA",
                    "use": "sig",
                }
            ]
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Who checks tokens elsewhere fetches it when a key id is new to them."""
        response = ok(selectors.signing_keys_public())
        response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
        return response
