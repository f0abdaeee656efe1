"""Endpoints of /auth/passkeys (Web Authentication Level 3)."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors
from accounts.api.render import login_response, passkey_body
from accounts.api.serializers.auth import LoggedInOut
from accounts.api.serializers.passkeys import (
    CreationOptionsOut,
    PasskeyAddedOut,
    PasskeyIn,
    PasskeyLoginIn,
    PasskeyLoginOptionsIn,
    PasskeysOut,
    RequestOptionsOut,
)
from accounts.constants import CeremonyPurpose, TokenTransport
from accounts.errors import MfaInvalid, StepUpRequired
from accounts.services import passkeys
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.responses import created, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled, NotAuthenticated, NotFound

TAGS = ["auth"]
EXAMPLE_ID = "mJ1f8rQ0uVw3Zk5nT2xYbA"
EXAMPLE_CREDENTIAL = {"id": EXAMPLE_ID, "rawId": EXAMPLE_ID, "type": "public-key"}
EXAMPLE_CLIENT_DATA = "eyJ0eXBlIjoid2ViYXV0aG4uLi4ifQ"


class PasskeyOptionsView(ApiView):
    """/auth/passkeys/options"""

    @endpoint(
        summary="Begin to add a passkey",
        tags=TAGS,
        responses={200: CreationOptionsOut},
        errors=[StepUpRequired],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        description="Needs a login or a step-up of the last 10 minutes. The challenge lives 5 minutes.",
    )
    def post(self, request: Request) -> HttpResponse:
        """What navigator.credentials.create() takes."""
        return ok(passkeys.registration_options(actor=self.actor))


class PasskeysView(ApiView):
    """/auth/passkeys"""

    @endpoint(summary="My passkeys", tags=TAGS, responses={200: PasskeysOut}, scope=SELF, no_store=True)
    def get(self, request: Request) -> HttpResponse:
        """Newest first; at most 20."""
        return ok({"results": [passkey_body(one) for one in selectors.passkeys_of(self.actor)]})

    @endpoint(
        summary="Add a passkey",
        tags=TAGS,
        request=PasskeyIn,
        responses={201: PasskeyAddedOut},
        errors=[StepUpRequired],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        example={
            "name": "Laptop",
            "credential": EXAMPLE_CREDENTIAL
            | {
                "response": {
                    "clientDataJSON": EXAMPLE_CLIENT_DATA,
                    "attestationObject": "o2NmbXRkbm9uZQ",
                    "transports": ["internal"],
                }
            },
        },
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The first factor of an account brings recovery codes."""
        added = passkeys.passkey_add(
            actor=self.actor, credential=data["credential"], name=data.get("name", "")
        )
        codes = {"recovery_codes": added.recovery_codes} if added.recovery_codes else {}
        return created(passkey_body(added.passkey) | codes)


class PasskeyView(ApiView):
    """/auth/passkeys/{id}"""

    @endpoint(
        summary="Remove a passkey",
        tags=TAGS,
        responses={204: None},
        errors=[NotFound, StepUpRequired],
        scope=SELF,
        description="The last second factor needs a step-up; others a login or step-up of 10 minutes.",
    )
    def delete(self, request: Request, passkey_id: str) -> HttpResponse:
        """It opens nothing any more."""
        passkeys.passkey_remove(actor=self.actor, passkey_id=passkey_id)
        return no_content()


class PasskeyLoginOptionsView(ApiView):
    """/auth/passkeys/login/options"""

    @endpoint(
        summary="Begin a login or step-up with a passkey",
        tags=TAGS,
        request=PasskeyLoginOptionsIn,
        responses={200: RequestOptionsOut},
        errors=[MfaInvalid, NotAuthenticated],
        scope=PUBLIC,
        idempotency=IGNORED,
        no_store=True,
        description="Purpose step_up needs the caller's access token. The challenge lives 5 minutes.",
        example={"purpose": "login"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """What navigator.credentials.get() takes."""
        purpose = CeremonyPurpose(data.get("purpose", CeremonyPurpose.LOGIN))
        return ok(
            passkeys.login_options(actor=self.actor, purpose=purpose, mfa_token=data.get("mfa_token", ""))
        )


class PasskeyLoginView(ApiView):
    """/auth/passkeys/login"""

    @endpoint(
        summary="Log in with a passkey",
        tags=TAGS,
        request=PasskeyLoginIn,
        responses={200: LoggedInOut},
        errors=[MfaInvalid, AccountDisabled],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="Alone, or with mfa_token as the second step of a login.",
        example={
            "credential": EXAMPLE_CREDENTIAL
            | {
                "response": {
                    "clientDataJSON": EXAMPLE_CLIENT_DATA,
                    "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4",
                    "signature": "MEUCIQ",
                    "userHandle": "AZjC1HoefDufYB8uPUxbag",
                }
            },
            "token_transport": "body",
        },
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Opens a session with a second factor."""
        granted = passkeys.passkey_login(
            actor=self.actor,
            credential=data["credential"],
            mfa_token=data.get("mfa_token", ""),
            transport=TokenTransport(data.get("token_transport", TokenTransport.COOKIE)),
        )
        return login_response(granted)
