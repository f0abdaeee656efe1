"""Paths of analytics, relative to /api/v1/."""

from django.urls import URLPattern, path

from analytics.api.views import IngestView, MetricsView

urlpatterns: list[URLPattern] = [
    path("analytics/events/ingest", IngestView.as_view()),
    path("analytics/metrics", MetricsView.as_view()),
]
