"""Paths of the plumbing: health, metrics, the document and its browser."""

from django.urls import path
from drf_spectacular.views import SpectacularSwaggerView

from ogc.api.document import DocumentView
from ogc.health.views import HealthzView, MetricsView, ReadyzView

urlpatterns = [
    path("healthz", HealthzView.as_view(), name="healthz"),
    path("readyz", ReadyzView.as_view(), name="readyz"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("schema", DocumentView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
