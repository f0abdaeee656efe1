"""Endpoints of the security timeline."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors, services
from accounts.api import cookies
from accounts.api.render import activity_body
from accounts.api.serializers.activity import ActivityFilter, ActivityPageOut
from accounts.api.serializers.auth import TokenIn
from accounts.errors import ActivityNotDeniable, VerificationTokenInvalid
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import NotFound

TAGS = ["auth"]
EXAMPLE_TOKEN = "0198c2d4-7a1e-7c3b-9f60-1f2e3d4c5b6a.Zm9yLWV4YW1wbGU"


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


class ActivityMailDenyView(ApiView):
    """/auth/activity/deny"""

    @endpoint(
        summary="Say by a mailed token: this wasn't me",
        tags=TAGS,
        request=TokenIn,
        responses={204: None},
        errors=[VerificationTokenInvalid],
        scope=PUBLIC,
        login_ignored=True,
        idempotency=IGNORED,
        no_store=True,
        description="For those who have no session left. The token is in the mail that told of the line and "
        "good once, for 7 days; it does what the call with a login does. A changed address goes back to the "
        "one that the mail went to.",
        example={"token": EXAMPLE_TOKEN},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Signs nobody in: the reset mail that follows does."""
        services.activity_deny_by_mail(actor=self.actor, token=data["token"])
        return no_content()
