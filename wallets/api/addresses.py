"""The chain address of the caller's wallet."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.errors import StepUpRequired
from ogc.api.endpoint import IGNORED, SELF, endpoint
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import NotFound, ServiceUnavailable
from wallets.api.serializers import LinkIn, LinkNonceIn, LinkNonceOut, WalletOut
from wallets.api.shapes import wallet_json
from wallets.errors import AddressInUse, AddressNotAllowed, SignatureInvalid
from wallets.selectors import wallet_for_user
from wallets.services.addresses import address_link, address_link_nonce, address_unlink

EXAMPLE_ADDRESS = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


class LinkNonceView(ApiView):
    """/wallet/link-nonce"""

    @endpoint(
        summary="Ask for a message that links an address",
        tags=["wallet"],
        scope=SELF,
        request=LinkNonceIn,
        responses={200: LinkNonceOut},
        errors=[AddressNotAllowed],
        idempotency=IGNORED,
        no_store=True,
        example={"address": EXAMPLE_ADDRESS},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """An EIP-4361 text to sign within 5 minutes; the nonce serves this user and address once."""
        challenge = address_link_nonce(actor=self.actor, address=data["address"])
        return ok(
            {
                "nonce": challenge.nonce,
                "message": challenge.message,
                "expires_at": challenge.expires_at,
            }
        )


class LinkAddressView(ApiView):
    """/wallet/link-address"""

    @endpoint(
        action="wallet.link_address",
        summary="Link the address that signed",
        description="Replaces the one linked before. A session older than 10 minutes needs a step-up.",
        tags=["wallet"],
        scope=SELF,
        request=LinkIn,
        responses={200: WalletOut},
        errors=[
            SignatureInvalid,
            AddressInUse,
            AddressNotAllowed,
            StepUpRequired,
            NotFound,
            ServiceUnavailable,
        ],
        idempotency=IGNORED,
        no_store=True,
        example={"message": "ogc.example.org wants you to sign in with …", "signature": "0x1b2c…"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The wallet, with its address."""
        address_link(actor=self.actor, **data)
        return ok(wallet_json(wallet_for_user(self.actor.key)))

    @endpoint(
        action="wallet.unlink_address",
        summary="Take the linked address off",
        tags=["wallet"],
        scope=SELF,
        responses={204: None},
        errors=[NotFound],
    )
    def delete(self, request: Request) -> HttpResponse:
        """Also when none is linked."""
        address_unlink(actor=self.actor)
        return no_content()
