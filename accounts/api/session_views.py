"""Endpoints of /auth/sessions: where somebody is logged in."""

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import selectors, services
from accounts.api import cookies
from accounts.api.render import session_body
from accounts.api.serializers.sessions import SessionPageOut
from ogc.api.endpoint import SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import no_content, ok
from ogc.api.views import ApiView
from ogc.errors import NotFound

TAGS = ["auth"]


class SessionsView(ApiView):
    """/auth/sessions"""

    @endpoint(
        summary="List one's sessions",
        tags=TAGS,
        scope=SELF,
        responses={200: SessionPageOut},
        paged=True,
        no_store=True,
        description="Ordering: last used first. A session counts as used when it refreshes its access token.",
    )
    def get(self, request: Request) -> HttpResponse:
        """Those that live, with what each was opened from."""
        page = keyset_page(
            request,
            selectors.sessions_of(self.actor),
            name="sessions",
            order=("-last_used_at", "-id"),
            filters={"user": self.actor.user_id},
            render=lambda session: session_body(session, self.actor),
        )
        return ok(page)


class SessionView(ApiView):
    """/auth/sessions/{session_id}"""

    @endpoint(
        summary="End one of one's sessions",
        tags=TAGS,
        scope=SELF,
        responses={204: None},
        errors=[NotFound],
    )
    def delete(self, request: Request, session_id: str) -> HttpResponse:
        """Its access tokens are refused within 2 seconds; one that is over is not found."""
        services.session_revoke(actor=self.actor, session_id=session_id)
        response = no_content()
        if session_id == self.actor.session_id:
            cookies.refresh_clear(response)
        return response
