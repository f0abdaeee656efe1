"""Endpoints of analytics."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from analytics.api.serializers import IngestIn, IngestOut, MetricOut, MetricQuery
from analytics.selectors import metric_series
from analytics.services.ingest import events_ingest
from ogc.api.endpoint import PUBLIC, endpoint
from ogc.api.responses import accepted, ok
from ogc.api.views import ApiView
from ogc.errors import NotAuthenticated

TAGS = ["analytics"]


class IngestView(ApiView):
    """Events from clients."""

    @endpoint(
        action="analytics.ingest",
        summary="Send a batch of events",
        tags=TAGS,
        scope=PUBLIC,
        request=IngestIn,
        responses={202: IngestOut},
        errors=[NotAuthenticated],
        rate="ingest",
        description="Needs a login unless ANALYTICS_ANONYMOUS is on. What is acknowledged is stored.",
        example={
            "events": [
                {
                    "event_id": "0d9f6c1e-7b1f-4f39-9a55-0c5f2f6f2d11",
                    "name": "challenge_viewed",
                    "ts": "2026-01-31T12:00:00Z",
                    "properties": {"challenge": "welcome"},
                }
            ]
        },
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Each bad event is named; the others are taken."""
        result = events_ingest(actor=self.actor, events=data["events"])
        rejected = [{"index": at, "code": why.code, "message": why.message} for at, why in result.rejected]
        return accepted({"accepted": result.accepted, "duplicates": result.duplicates, "rejected": rejected})


class MetricsView(ApiView):
    """Standard metrics."""

    @endpoint(
        summary="Show a standard metric",
        tags=TAGS,
        scope="analytics.read",
        query=MetricQuery,
        responses={200: MetricOut},
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """From the daily counts; today's are at most a minute old."""
        days = int(query["range"].removesuffix("d"))
        series = metric_series(name=query["name"], days=days, interval=query["interval"])
        return ok({"labels": series.labels, "series": [{"name": series.name, "data": series.data}]})
