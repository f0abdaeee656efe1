"""Endpoints of the security timeline."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors, services
from accounts.api import cookies
from accounts.api.render import activity_body
from accounts.api.serializers.activity import ActivityFilter, ActivityPageOut
from accounts.errors import ActivityNotDeniable
from ogc.api.endpoint import IGNORED, SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import NotFound

TAGS = ["auth"]


class ActivityView(ApiView):
    """/auth/activity"""

    @endpoint(
        summary="Read one's security timeline, newest first",
        tags=TAGS,
        query=ActivityFilter,
        responses={200: ActivityPageOut},
        scope=SELF,
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Filter: `kind`. Lines are kept for a year."""
        page = keyset_page(
            request,
            selectors.activity_list(self.actor, kind=query.get("kind")),
            name="accounts.activity",
            order=("-id",),
            filters=query,
            render=lambda row: activity_body(row, self.actor.session_id),
        )
        return ok(page)


class ActivityDenyView(ApiView):
    """/auth/activity/{id}/deny"""

    @endpoint(
        summary="Say: this wasn't me",
        tags=TAGS,
        responses={204: None},
        errors=[NotFound, ActivityNotDeniable],
        scope=SELF,
        idempotency=IGNORED,
        description="All sessions end, this one too; the password stops working until it is reset by the "
        "mail that follows; nothing leaves the wallet until staff have talked to the person; what was added "
        "is taken back. Denying a login denies all that was done in its session.",
    )
    def post(self, request: Request, activity_id: str) -> HttpResponse:
        """A second time changes nothing."""
        services.activity_deny(actor=self.actor, activity_id=activity_id)
        response = no_content()
        cookies.refresh_clear(response)
        return response
