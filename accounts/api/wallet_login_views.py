"""Login by a linked chain address."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import services
from accounts.api.render import login_response
from accounts.api.serializers.auth import LoginOut
from accounts.api.serializers.wallet_login import WalletLoginIn, WalletNonceIn, WalletNonceOut
from accounts.constants import TokenTransport
from accounts.errors import WalletLoginInvalid
from ogc.api.endpoint import IGNORED, PUBLIC, endpoint
from ogc.api.responses import ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled, ServiceUnavailable

TAGS = ["auth"]
EXAMPLE_ADDRESS = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


class WalletNonceView(ApiView):
    """/auth/wallet/nonce"""

    @endpoint(
        summary="Ask for a message that logs in",
        tags=TAGS,
        request=WalletNonceIn,
        responses={200: WalletNonceOut},
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="Says nothing about whether somebody linked the address.",
        example={"address": EXAMPLE_ADDRESS},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """An EIP-4361 text to sign within 5 minutes; the nonce serves this address once."""
        challenge = services.wallet_login_nonce(actor=self.actor, address=data["address"])
        return ok(
            {
                "nonce": challenge.nonce,
                "message": challenge.message,
                "expires_at": challenge.expires_at,
            }
        )


class WalletLoginView(ApiView):
    """/auth/wallet/login"""

    @endpoint(
        summary="Log in with a linked address",
        tags=TAGS,
        request=WalletLoginIn,
        responses={200: LoginOut},
        errors=[WalletLoginInvalid, AccountDisabled, ServiceUnavailable],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="Failures count against RATE_LOGIN_IP; whatever was wrong, they look the same.",
        example={"message": "ogc.example.org wants you to sign in with …", "signature": "0x1b2c…"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Opens a session, or answers `mfa_required` where a second factor is on."""
        transport = TokenTransport(data.pop("token_transport", TokenTransport.COOKIE))
        return login_response(services.wallet_login(actor=self.actor, transport=transport, **data))
