"""Endpoints of notifications."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from rest_framework.request import Request

from notifications.api.serializers import (
    ChannelsOut,
    CountOut,
    DeliveryFilter,
    DeliveryOut,
    DeliveryPageOut,
    NotificationFilter,
    NotificationOut,
    NotificationPageOut,
    PreferencesIn,
    PreferencesOut,
    StreamTicketOut,
)
from notifications.errors import DeliveryNotResendable
from notifications.selectors import (
    channels_list,
    deliveries_list,
    delivery_get,
    notification_rows,
    preferences_get,
    unread_count,
)
from notifications.services.deliveries import delivery_resend
from notifications.services.inbox import notification_read, notifications_read_all, preferences_set
from notifications.services.stream import ticket_issue
from notifications.shapes import delivery_shape, notification_shape, notification_shape_of
from ogc.api.endpoint import IGNORED, PUBLIC, SELF, endpoint
from ogc.api.pagination import keyset_page, page_body, read_page_request
from ogc.api.responses import created, ok
from ogc.api.views import ApiView, ApiViewSet
from ogc.errors import NotFound, ServiceUnavailable

TAGS = ["notifications"]


class NotificationViewSet(ApiViewSet):
    """One's own notifications."""

    @endpoint(
        summary="List one's notifications, newest first",
        tags=TAGS,
        scope=SELF,
        query=NotificationFilter,
        responses={200: NotificationPageOut},
        paged=True,
    )
    def list(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Filters: `type`, `unread`."""
        page = read_page_request(request, name="notifications", order=("-id",), filters=query)
        rows = notification_rows(
            self.actor,
            type=query.get("type"),
            unread=query.get("unread"),
            limit=page.size + 1,
            beyond=None if page.is_first else page.cursor.values[0],
            is_backward=page.cursor.is_backward,
        )
        return ok(page_body(request, page, rows, key=lambda row: row[-1:], render=notification_shape_of))

    @endpoint(
        summary="Mark a notification as read",
        tags=TAGS,
        scope=SELF,
        responses={200: NotificationOut},
        errors=[NotFound],
    )
    def read(self, request: Request, notification_id: str) -> HttpResponse:
        """The time of the first reading stays."""
        return ok(notification_shape(notification_read(actor=self.actor, public_id=notification_id)))

    @endpoint(summary="Mark all as read", tags=TAGS, scope=SELF, responses={200: CountOut})
    def read_all(self, request: Request) -> HttpResponse:
        """How many were unread."""
        return ok({"count": notifications_read_all(actor=self.actor)})

    @endpoint(summary="Count the unread", tags=TAGS, scope=SELF, responses={200: CountOut})
    def unread_count(self, request: Request) -> HttpResponse:
        """For the badge of a client."""
        return ok({"count": unread_count(self.actor)})


class PreferencesView(ApiView):
    """One's own choices."""

    @endpoint(
        summary="Show one's preferences",
        tags=TAGS,
        scope=SELF,
        responses={200: PreferencesOut},
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Defaults are filled in."""
        return ok(preferences_get(self.actor))

    @endpoint(
        summary="Replace one's preferences",
        tags=TAGS,
        scope=SELF,
        request=PreferencesIn,
        responses={200: PreferencesOut},
        no_store=True,
        example={
            "channels": {"wallet": {"email": False}},
            "quiet_hours": {"start": "22:00", "end": "07:00"},
            "digest": {"hour": 8},
        },
    )
    def put(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """What is left out follows the defaults; security messages can't be turned off."""
        digest = data.get("digest")
        preferences = preferences_set(
            actor=self.actor,
            channels=data["channels"],
            quiet_hours=data.get("quiet_hours"),
            digest_hour=digest["hour"] if digest else None,
        )
        return ok(preferences)


class ChannelsView(ApiView):
    """Ways to reach people."""

    @endpoint(summary="List the channels", tags=TAGS, scope=SELF, responses={200: ChannelsOut})
    def get(self, request: Request) -> HttpResponse:
        """With whether each is served at present."""
        return ok({"results": channels_list()})


class StreamTicketView(ApiView):
    """Passes for the event stream."""

    @endpoint(
        action="notification.stream",
        summary="Get a ticket for the event stream",
        tags=TAGS,
        scope=SELF,
        responses={201: StreamTicketOut},
        errors=[ServiceUnavailable],
        # A remembered answer would keep the ticket in clear, and give a dead one again.
        idempotency=IGNORED,
        no_store=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Good once, for 30 seconds; browsers can't send headers with an event stream."""
        ticket = ticket_issue(actor=self.actor)
        return created({"ticket": ticket.ticket, "url": ticket.url, "expires_in": ticket.expires_in})


class StreamView(ApiView):
    """Where the event stream is."""

    @endpoint(
        summary="Go to the event stream",
        tags=TAGS,
        scope=PUBLIC,
        responses={307: None},
        description="Redirects to the stream process, which takes a bearer token or a ticket.",
    )
    def get(self, request: Request) -> HttpResponse:
        """The query goes along, so that a ticket does."""
        response = HttpResponseRedirect(
            _with_query(settings.STREAM_URL, request.META.get("QUERY_STRING", ""))
        )
        response.status_code = 307
        return response


class DeliveryViewSet(ApiViewSet):
    """The outbox, for staff."""

    @endpoint(
        summary="List deliveries, newest first",
        tags=TAGS,
        scope="notification.send",
        query=DeliveryFilter,
        responses={200: DeliveryPageOut},
        paged=True,
    )
    def list(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Filter: `status`."""
        page = keyset_page(
            request,
            deliveries_list(**query),
            order=("-id",),
            name="notifications.deliveries",
            filters=query,
            render=delivery_shape,
        )
        return ok(page)

    @endpoint(
        action="notification.resend",
        summary="Send a dead delivery again",
        tags=TAGS,
        scope="notification.send",
        responses={200: DeliveryOut},
        errors=[NotFound, DeliveryNotResendable],
    )
    def resend(self, request: Request, delivery_id: str) -> HttpResponse:
        """With all its tries."""
        delivery = delivery_resend(actor=self.actor, delivery=delivery_get(delivery_id))
        return ok(delivery_shape(delivery))


def _with_query(url: str, query: str) -> str:
    return f"{url}?{query}" if query else url
