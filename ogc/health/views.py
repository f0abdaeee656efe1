"""GET /healthz, /readyz, /metrics."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework import serializers

from ogc import context
from ogc.api.endpoint import PUBLIC, endpoint
from ogc.api.responses import json_response, ok
from ogc.api.serializers import OutSerializer
from ogc.api.views import ApiView
from ogc.errors import NotFound
from ogc.health import gauges, probes


class HealthOut(OutSerializer):
    """Alive."""

    status = serializers.CharField()


class ReadyOut(OutSerializer):
    """Each part with its status and how long the look took."""

    status = serializers.ChoiceField(["ok", "unavailable"])
    checks = serializers.DictField()


class HealthzView(ApiView):
    """Whether this process answers at all."""

    @endpoint(
        summary="Alive",
        tags=["health"],
        scope=PUBLIC,
        rate=None,
        responses={200: HealthOut},
        example={"status": "ok"},
    )
    def get(self, request: Any) -> HttpResponse:
        """Touches nothing."""
        return ok({"status": "ok"})


class ReadyzView(ApiView):
    """Whether what this process needs is there."""

    @endpoint(
        summary="Ready",
        tags=["health"],
        scope=PUBLIC,
        rate=None,
        responses={200: ReadyOut, 503: ReadyOut},
        example={"status": "ok", "checks": {"database": {"status": "ok", "ms": 0.4}}},
    )
    def get(self, request: Any) -> HttpResponse:
        """Looks at each part with a short time-out; 503 when one that the process needs is down."""
        is_ready, checks = probes.run_all()
        body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
        response = json_response(body, 200 if is_ready else 503)
        if not is_ready:
            response["Retry-After"] = "5"
        return response


class MetricsView(ApiView):
    """Prometheus text, for listed networks only."""

    @endpoint(
        summary="Metrics",
        tags=["health"],
        scope=PUBLIC,
        rate=None,
        responses={200: None},
        errors=[NotFound],
        description="Prometheus text format; 404 outside METRICS_NETWORKS.",
    )
    def get(self, request: Any) -> HttpResponse:
        """Counters of this process and gauges of the platform."""
        try:
            peer = ip_address(context.current().ip)
        except ValueError:  # a socket without an address
            raise NotFound from None
        if not any(peer in network for network in settings.METRICS_NETWORKS):
            raise NotFound
        return HttpResponse(gauges.exposition(), content_type=CONTENT_TYPE_LATEST)
