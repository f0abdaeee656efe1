"""Endpoints of /auth about passwords, addresses and terms."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors, services
from accounts.api.render import user_body
from accounts.api.serializers.auth import EmailIn, RegisteredOut, TokenIn
from accounts.api.serializers.passwords import ChangeEmailIn, ChangePasswordIn, ResetPasswordIn, TermsIn
from accounts.api.views import EXAMPLE_EMAIL, TAGS
from accounts.errors import (
    EmailInUse,
    PasswordWrong,
    ResetTokenInvalid,
    VerificationTokenInvalid,
    WeakPassword,
)
from ogc.api import rate_limits
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled

EXAMPLE_TOKEN = "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6a.Zm9yLWV4YW1wbGU"
EXAMPLE_PASSWORD = "another long and rare sentence"


class ForgotPasswordView(ApiView):
    """/auth/forgot-password"""

    @endpoint(
        summary="Ask for a mail to choose a new password",
        tags=TAGS,
        request=EmailIn,
        responses={202: None},
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        description="RATE_RESET limits the mails to each address, known or not.",
        example={"email": EXAMPLE_EMAIL},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Says nothing about whether there is such an account, neither in words nor by its time."""
        rate_limits.count(request._request, "reset", f"password:{data['email']}")
        services.password_forgotten(actor=self.actor, email=data["email"])
        return no_content(202)


class ResetPasswordView(ApiView):
    """/auth/reset-password"""

    @endpoint(
        summary="Choose a new password by a mailed token",
        tags=TAGS,
        request=ResetPasswordIn,
        responses={204: None},
        errors=[ResetTokenInvalid, WeakPassword],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="The token is good once, for 30 minutes; a weak password does not use it up. All "
        "sessions end and none begins: log in, with the second factor where there is one.",
        example={"token": EXAMPLE_TOKEN, "new_password": EXAMPLE_PASSWORD},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Ends all sessions."""
        services.password_reset(actor=self.actor, **data)
        return no_content()


class ChangePasswordView(ApiView):
    """/auth/change-password"""

    @endpoint(
        summary="Change the password",
        tags=TAGS,
        request=ChangePasswordIn,
        responses={204: None},
        errors=[PasswordWrong, WeakPassword, AccountDisabled],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        description="All other sessions end. Wrong old passwords are counted for this session alone "
        "(RATE_LOGIN_ACCOUNT).",
        example={"old_password": "a long and rare sentence", "new_password": EXAMPLE_PASSWORD},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Ends all other sessions."""
        services.password_change(actor=self.actor, **data)
        return no_content()


class ChangeEmailView(ApiView):
    """/auth/change-email"""

    @endpoint(
        summary="Ask to use another address",
        tags=TAGS,
        request=ChangeEmailIn,
        responses={202: None},
        errors=[PasswordWrong, WeakPassword, AccountDisabled],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        description="A token goes to the new address and a notice to the old one; the answer is the same "
        "when the new address belongs to somebody else. RATE_RESET limits it per caller and per new address.",
        example={"new_email": "ada@example.com", "password": "a long and rare sentence"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Nothing changes until the token comes back."""
        rate_limits.count(request._request, "reset", f"change-of:{self.actor.key}")
        rate_limits.count(request._request, "reset", f"change-to:{data['new_email']}")
        services.email_change_ask(actor=self.actor, **data)
        return no_content(202)


class ConfirmEmailView(ApiView):
    """/auth/confirm-email"""

    @endpoint(
        summary="Prove the new address and use it",
        tags=TAGS,
        request=TokenIn,
        responses={200: RegisteredOut},
        errors=[VerificationTokenInvalid, EmailInUse],
        scope=SELF,
        idempotency=IGNORED,
        no_store=True,
        example={"token": EXAMPLE_TOKEN},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Takes the token of the mail, once, within 24 hours; ends all other sessions."""
        user = services.email_change_confirm(actor=self.actor, token=data["token"])
        return ok({"user": user_body(selectors.profile_of(user))})


class TermsView(ApiView):
    """/auth/terms"""

    @endpoint(
        summary="Accept the terms",
        tags=TAGS,
        request=TermsIn,
        responses={204: None},
        scope=SELF,
        idempotency=IGNORED,
        description="While TERMS_VERSION is set only that version can be accepted.",
        example={"version": "2026-01"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Until then moves of money answer 409 TERMS_ACCEPTANCE_REQUIRED."""
        services.terms_accept(actor=self.actor, version=data["version"])
        return no_content()
