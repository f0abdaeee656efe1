"""Paths of notifications, relative to /api/v1/."""

from django.urls import URLPattern, path

from notifications.api.views import (
    ChannelsView,
    DeliveryViewSet,
    NotificationViewSet,
    PreferencesView,
    StreamTicketView,
    StreamView,
)

urlpatterns: list[URLPattern] = [
    path("notifications", NotificationViewSet.as_view({"get": "list"})),
    path("notifications/read-all", NotificationViewSet.as_view({"post": "read_all"})),
    path("notifications/unread-count", NotificationViewSet.as_view({"get": "unread_count"})),
    path("notifications/preferences", PreferencesView.as_view()),
    path("notifications/channels", ChannelsView.as_view()),
    path("notifications/stream-ticket", StreamTicketView.as_view()),
    path("notifications/stream", StreamView.as_view()),
    path("notifications/deliveries", DeliveryViewSet.as_view({"get": "list"})),
    path("notifications/deliveries/<str:delivery_id>/resend", DeliveryViewSet.as_view({"post": "resend"})),
    path("notifications/<str:notification_id>/read", NotificationViewSet.as_view({"post": "read"})),
]
