"""Endpoints of /auth."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors, services
from accounts.api import cookies
from accounts.api.render import login_response, tokens_body, user_body
from accounts.api.serializers.auth import (
    EmailIn,
    LoginIn,
    LoginOut,
    RefreshIn,
    RefreshOut,
    RegisteredOut,
    RegisterIn,
    TokenIn,
    UserOut,
)
from accounts.constants import TokenTransport
from accounts.errors import (
    EmailInUse,
    InvalidCredentials,
    RefreshExpired,
    RefreshInvalid,
    RefreshReused,
    RefreshRevoked,
    VerificationTokenInvalid,
    WeakPassword,
)
from ogc.api import rate_limits
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.responses import created, no_content, ok
from ogc.api.views import ApiView
from ogc.errors import AccountDisabled, NotFound

TAGS = ["auth"]
EXAMPLE_EMAIL = "ada@example.org"


class RegisterView(ApiView):
    """/auth/register"""

    @endpoint(
        summary="Create an account",
        tags=TAGS,
        request=RegisterIn,
        responses={201: RegisteredOut},
        errors=[EmailInUse, WeakPassword],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        rate="register",
        no_store=True,
        example={"email": EXAMPLE_EMAIL, "password": "a long and rare sentence", "name": "Ada"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """The account with its wallet; a verification mail follows."""
        user = services.user_register(actor=self.actor, **data)
        return created({"user": user_body(selectors.profile_of(user))})


class VerifyEmailView(ApiView):
    """/auth/verify-email"""

    @endpoint(
        summary="Prove an e-mail address",
        tags=TAGS,
        request=TokenIn,
        responses={200: RegisteredOut},
        errors=[VerificationTokenInvalid],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        example={"token": "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6a.Zm9yLWV4YW1wbGU"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Takes the token of the mail, once, within 24 hours."""
        user = services.email_verify(actor=self.actor, token=data["token"])
        return ok({"user": user_body(selectors.profile_of(user))})


class ResendVerificationView(ApiView):
    """/auth/resend-verification"""

    @endpoint(
        summary="Mail the verification again",
        tags=TAGS,
        request=EmailIn,
        responses={202: None},
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        example={"email": EXAMPLE_EMAIL},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Says nothing about whether there is such an account."""
        rate_limits.count(request._request, "reset", f"verification:{data['email'].lower()}")
        services.verification_resend(actor=self.actor, email=data["email"])
        return no_content(202)


class LoginView(ApiView):
    """/auth/login"""

    @endpoint(
        summary="Log in",
        tags=TAGS,
        request=LoginIn,
        responses={200: LoginOut},
        errors=[InvalidCredentials, AccountDisabled],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="RATE_LOGIN_ACCOUNT and RATE_LOGIN_IP count failures; then 429 with growing waits.",
        example={"email": EXAMPLE_EMAIL, "password": "a long and rare sentence", "token_transport": "body"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Opens a session, or answers `mfa_required` where a second factor is on."""
        transport = TokenTransport(data.get("token_transport", TokenTransport.COOKIE))
        outcome = services.login(
            actor=self.actor, email=data["email"], password=data["password"], transport=transport
        )
        return login_response(outcome)


class RefreshView(ApiView):
    """/auth/refresh"""

    @endpoint(
        summary="Exchange the refresh token",
        tags=TAGS,
        request=RefreshIn,
        responses={200: RefreshOut},
        errors=[RefreshInvalid, RefreshExpired, RefreshRevoked, RefreshReused, AccountDisabled],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        example={"refresh": "q3Jk0n5v8x1b4m7p2s5v8y1b4e7h0k3n6q9t2w5z8A0"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """A new access token and the next refresh token, back the way the old one came."""
        presented = data.get("refresh")
        granted = services.refresh(
            actor=self.actor, token=presented or cookies.refresh_read(request._request)
        )
        response = ok(tokens_body(granted, with_refresh=bool(presented)))
        if not presented:
            cookies.refresh_set(response, granted.refresh)
        return response


class LogoutView(ApiView):
    """/auth/logout"""

    @endpoint(
        summary="Log out",
        tags=TAGS,
        responses={204: None},
        scope=SELF,
        idempotency=IGNORED,
    )
    def post(self, request: Request) -> HttpResponse:
        """Ends this session."""
        services.logout(actor=self.actor)
        response = no_content()
        cookies.refresh_clear(response)
        return response


class LogoutAllView(ApiView):
    """/auth/logout-all"""

    @endpoint(
        summary="Log out everywhere",
        tags=TAGS,
        responses={204: None},
        scope=SELF,
        idempotency=IGNORED,
    )
    def post(self, request: Request) -> HttpResponse:
        """Ends all sessions, this one too."""
        services.logout_all(actor=self.actor)
        response = no_content()
        cookies.refresh_clear(response)
        return response


class MeView(ApiView):
    """/auth/me"""

    @endpoint(
        summary="Who am I",
        tags=TAGS,
        responses={200: UserOut},
        errors=[NotFound],
        scope=SELF,
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """The caller with roles, scopes and plan."""
        return ok(user_body(selectors.me_get(self.actor)))


class VerifyView(ApiView):
    """/auth/verify"""

    @endpoint(summary="Check the access token", tags=TAGS, responses={204: None}, scope=SELF)
    def get(self, request: Request) -> HttpResponse:
        """204 while it is good."""
        return no_content()
