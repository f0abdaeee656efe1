"""Endpoints of second factors: /auth/2fa and /auth/step-up."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import services
from accounts.api.render import login_response
from accounts.api.serializers.auth import LoggedInOut
from accounts.api.serializers.factors import (
    CodeIn,
    MfaVerifyIn,
    RecoveryCodesOut,
    StepUpIn,
    TotpDisableIn,
    TotpSetupOut,
)
from accounts.errors import MfaInvalid, PasswordWrong, StepUpRequired, TwoFactorAlreadyOn, TwoFactorNotOn
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled

TAGS = ["auth"]
EXAMPLE_CODE = "492039"
LOCKOUT = "Wrong codes count within this session (RATE_LOGIN_ACCOUNT); then 429 with growing waits."


class TotpSetupView(ApiView):
    """/auth/2fa/setup"""

    @endpoint(
        summary="Set up an authenticator app",
        tags=TAGS,
        responses={200: TotpSetupOut},
        errors=[StepUpRequired, TwoFactorAlreadyOn],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        description="Needs a login or a step-up of the last 10 minutes. A second call replaces the seed.",
    )
    def post(self, request: Request) -> HttpResponse:
        """A seed as URI and QR code; it counts once it is confirmed."""
        setup = services.totp_setup(actor=self.actor)
        return ok({"otpauth_uri": setup.otpauth_uri, "qr_svg": setup.qr_svg})


class TotpConfirmView(ApiView):
    """/auth/2fa/confirm"""

    @endpoint(
        summary="Turn the authenticator app on",
        tags=TAGS,
        request=CodeIn,
        responses={200: RecoveryCodesOut},
        errors=[MfaInvalid, TwoFactorAlreadyOn],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        description=f"{LOCKOUT} Access tokens of the account are refused from now on: refresh.",
        example={"code": EXAMPLE_CODE},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The recovery codes, once; older ones are void."""
        return ok({"recovery_codes": services.totp_confirm(actor=self.actor, code=data["code"])})


class TotpDisableView(ApiView):
    """/auth/2fa/disable"""

    @endpoint(
        summary="Turn the authenticator app off",
        tags=TAGS,
        request=TotpDisableIn,
        responses={204: None},
        errors=[StepUpRequired, TwoFactorNotOn, PasswordWrong, MfaInvalid],
        scope=SELF,
        idempotency=IGNORED,
        description=f"{LOCKOUT} The code may be a recovery code. Access tokens are refused from now on.",
        example={"password": "a long and rare sentence", "code": EXAMPLE_CODE},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Without another factor the recovery codes are void, and staff scopes end."""
        services.totp_disable(actor=self.actor, **data)
        return no_content()


class RecoveryCodesView(ApiView):
    """/auth/2fa/recovery-codes"""

    @endpoint(
        summary="Make new recovery codes",
        tags=TAGS,
        responses={200: RecoveryCodesOut},
        errors=[StepUpRequired, TwoFactorNotOn],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Ten new codes, once; older ones are void."""
        return ok({"recovery_codes": services.recovery_codes_make(actor=self.actor)})


class MfaVerifyView(ApiView):
    """/auth/2fa/verify"""

    @endpoint(
        summary="Log in with the second factor",
        tags=TAGS,
        request=MfaVerifyIn,
        responses={200: LoggedInOut},
        errors=[MfaInvalid, AccountDisabled],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="An mfa_token lives 5 minutes and 5 tries. Wrong codes of an account count over all its "
        "logins (RATE_LOGIN_ACCOUNT); then 429 with growing waits.",
        example={"mfa_token": "q3Jk0n5v8x1b4m7p2s5v8y1b4e7h0k3n6q9t2w5z8A0", "code": EXAMPLE_CODE},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Opens the session, with the transport that /auth/login was asked for."""
        return login_response(services.mfa_verify(actor=self.actor, **data))


class StepUpView(ApiView):
    """/auth/step-up"""

    @endpoint(
        summary="Prove once more that it is you",
        tags=TAGS,
        request=StepUpIn,
        responses={204: None},
        errors=[PasswordWrong, MfaInvalid],
        scope=SELF,
        idempotency=IGNORED,
        description=f"Counts for this session and 10 minutes. The password serves only accounts without a "
        f"second factor. {LOCKOUT}",
        example={"code": EXAMPLE_CODE},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """A code of the app, a recovery code or a passkey; or the password."""
        services.step_up(actor=self.actor, **data)
        return no_content()
