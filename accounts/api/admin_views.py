"""Endpoints of staff on users, under /admin/users."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import services
from accounts.api.render import standing_body
from accounts.api.serializers.auth import StaffReasonIn, StandingOut, SuspendIn
from ogc.api.endpoint import endpoint
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import CannotChangeSelf, NotFound, RoleTooHigh

TAGS = ["admin"]
SUSPEND_SCOPES = ("users.write", "moderation.write")
REFUSALS = [NotFound, CannotChangeSelf, RoleTooHigh]


def _has_no_end(data: dict[str, Any], query: dict[str, Any]) -> bool:
    return data.get("until") is None


class UserSuspendView(ApiView):
    """/admin/users/{id}/suspend"""

    @endpoint(
        summary="Suspend a user",
        tags=TAGS,
        request=SuspendIn,
        responses={200: StandingOut},
        errors=REFUSALS,
        scope=SUSPEND_SCOPES,
        action="users.suspend",
        confirm=_has_no_end,
        no_store=True,
        example={"reason": "Spam in three challenges", "until": "2027-01-31T00:00:00Z"},
    )
    def post(self, request: Request, data: dict[str, Any], user_id: str) -> HttpResponse:
        """Refused everywhere within 2 seconds; sessions end, outgoing money freezes."""
        user = services.user_suspend(
            actor=self.actor, user_id=user_id, reason=data["reason"], until=data.get("until")
        )
        return ok(standing_body(user))


class UserReinstateView(ApiView):
    """/admin/users/{id}/reinstate"""

    @endpoint(
        summary="Reinstate a user",
        tags=TAGS,
        request=StaffReasonIn,
        responses={200: StandingOut},
        errors=REFUSALS,
        scope=SUSPEND_SCOPES,
        action="users.reinstate",
        no_store=True,
        example={"reason": "Appeal granted"},
    )
    def post(self, request: Request, data: dict[str, Any], user_id: str) -> HttpResponse:
        """Lets a suspended user log in again."""
        user = services.user_reinstate(actor=self.actor, user_id=user_id, reason=data.get("reason", ""))
        return ok(standing_body(user))


class UserLogoutView(ApiView):
    """/admin/users/{id}/logout"""

    @endpoint(
        summary="End all sessions of a user",
        tags=TAGS,
        request=StaffReasonIn,
        responses={204: None},
        errors=REFUSALS,
        scope="users.write",
        action="users.logout",
        example={"reason": "Lost device"},
    )
    def post(self, request: Request, data: dict[str, Any], user_id: str) -> HttpResponse:
        """Their access tokens are refused within 2 seconds."""
        services.user_logout(actor=self.actor, user_id=user_id, reason=data.get("reason", ""))
        return no_content()
