"""Endpoints of /badges and /contributions."""

from django.http import HttpResponse
from rest_framework.request import Request

from challenges import selectors
from challenges.api import outputs, render
from ogc.api.endpoint import PUBLIC, SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import ok
from ogc.api.views import ApiView


class BadgesView(ApiView):
    """/badges"""

    @endpoint(summary="All badges", tags=["badges"], scope=PUBLIC, responses={200: outputs.BadgeListOut})
    def get(self, request: Request) -> HttpResponse:
        """Those that can be earned."""
        return ok({"results": [render.badge_body(row) for row in selectors.badges_listed()]})


class MyBadgesView(ApiView):
    """/badges/mine"""

    @endpoint(
        summary="My badges, with progress",
        tags=["badges"],
        scope=SELF,
        responses={200: outputs.MyBadgesOut},
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Every badge; `awarded_at` is null for those not earned yet."""
        return ok({"results": [render.my_badge(row) for row in selectors.badges_of(self.actor)]})


class ContributionsView(ApiView):
    """/contributions"""

    @endpoint(
        summary="My contribution points, event by event",
        tags=["contributions"],
        scope=SELF,
        responses={200: outputs.ContributionPageOut},
        paged=True,
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Newest first."""
        rows = selectors.contributions_of(self.actor)
        return ok(
            keyset_page(request, rows, name="contributions", order=("-id",), render=render.contribution_body)
        )


class ContributionStatsView(ApiView):
    """/contributions/stats"""

    @endpoint(
        summary="My standing",
        tags=["contributions"],
        scope=SELF,
        responses={200: outputs.ContributionStatsOut},
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Total, rank, multiplier, streak, badges."""
        return ok(render.stats_body(selectors.contribution_stats(self.actor)))
