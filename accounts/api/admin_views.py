"""Endpoints of staff on users, under /admin/users."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import people, services
from accounts.api.profile_render import detail_body, row_body
from accounts.api.render import standing_body
from accounts.api.serializers.auth import StaffReasonIn, StandingOut, SuspendIn
from accounts.api.serializers.profile import UserDetailOut, UserPageOut, UsersQuery
from ogc.api.endpoint import endpoint
from ogc.api.numbered import numbered_page
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import CannotChangeSelf, LastSuperAdmin, NotFound, RoleTooHigh

TAGS = ["admin"]
SUSPEND_SCOPES = ("users.write", "moderation.write")
REFUSALS = [NotFound, CannotChangeSelf, RoleTooHigh]


def _has_no_end(data: dict[str, Any], query: dict[str, Any]) -> bool:
    return data.get("until") is None


class UsersView(ApiView):
    """/admin/users"""

    @endpoint(
        summary="Users",
        tags=TAGS,
        scope="admin.read",
        query=UsersQuery,
        responses={200: UserPageOut},
        action="users.list",
        no_store=True,
        description="Newest first, up to page 100. Each call is in the audit trail.",
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """By role, status, and the beginning of an address, a name or an id."""
        services.users_listed(actor=self.actor, filters=query)
        filters = {name: query.get(name) for name in ("role", "status", "search")}
        return ok(numbered_page(request, people.users_list(**filters), query=query, render=row_body))


class UserView(ApiView):
    """/admin/users/{id}"""

    @endpoint(
        summary="A user",
        tags=TAGS,
        scope="admin.read",
        responses={200: UserDetailOut},
        errors=[NotFound],
        action="users.read",
        no_store=True,
        description="Each call is in the audit trail.",
    )
    def get(self, request: Request, user_id: str) -> HttpResponse:
        """Profile, standing, roles, factors and sessions."""
        return ok(detail_body(services.user_view(actor=self.actor, user_id=user_id)))


class UserSuspendView(ApiView):
    """/admin/users/{id}/suspend"""

    @endpoint(
        summary="Suspend a user",
        tags=TAGS,
        request=SuspendIn,
        responses={200: StandingOut},
        errors=[*REFUSALS, LastSuperAdmin],
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
