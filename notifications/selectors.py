"""Reads of notifications; the caller pages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from accounts.selectors import user_pk
from notifications import rules
from notifications.constants import OPEN_STATUSES, SERVED_CHANNELS, STREAM_RESUME_MAX_COUNT, Channel
from notifications.models import Delivery, Notification, Preference, Template
from notifications.shapes import NOTIFICATION_COLUMNS
from ogc import clock
from ogc.actors import Actor
from ogc.db.statements import SelectStatement, Slots
from ogc.errors import NotFound


def notifications_for(
    actor: Actor,
    *,
    type: str | None = None,  # noqa: A002
    unread: bool | None = None,
) -> QuerySet[Notification]:
    """The caller's own notifications, unordered.

    Args:
        unread: True: only unread ones; False: only read ones; None: all.
    """
    queryset = Notification.objects.filter(user_id=user_pk(str(actor.user_id)))
    if type is not None:
        queryset = queryset.filter(type=type)
    if unread is not None:
        queryset = queryset.filter(read_at__isnull=unread)
    return queryset


def notification_rows(
    actor: Actor,
    *,
    type: str | None,  # noqa: A002
    unread: bool | None,
    limit: int,
    beyond: int | None,
    is_backward: bool,
) -> list[tuple[Any, ...]]:
    """Some of the caller's notifications: NOTIFICATION_COLUMNS and the row number, in one compiled query.

    Args:
        type, unread: as in `notifications_for`.
        beyond: row number that they are older than (newer, when backward); None: from the newest on.
        is_backward: oldest first instead of newest first.
    """
    statement = _rows_statement(type is not None, unread, limit, beyond is None, is_backward)
    return statement.all(user_id=user_pk(str(actor.user_id)), type=type, beyond=beyond)


@lru_cache(maxsize=256)
def _rows_statement(
    has_type: bool, unread: bool | None, limit: int, is_first: bool, is_backward: bool
) -> SelectStatement:
    def build(slots: Slots) -> QuerySet[Notification]:
        queryset = Notification.objects.filter(user_id=slots.number("user_id"))
        if has_type:
            queryset = queryset.filter(type=slots.text("type"))
        if unread is not None:
            queryset = queryset.filter(read_at__isnull=unread)
        if not is_first:
            beyond = slots.number("beyond")
            queryset = queryset.filter(id__gt=beyond) if is_backward else queryset.filter(id__lt=beyond)
        ordered = queryset.order_by("id" if is_backward else "-id")
        return ordered.values_list(*NOTIFICATION_COLUMNS, "id")[:limit]

    return SelectStatement(build)


def notification_get(actor: Actor, public_id: str) -> Notification:
    """One of the caller's own notifications.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    notification = notifications_for(actor).filter(public_id=public_id).first()
    if notification is None:
        raise NotFound
    return notification


def unread_count(actor: Actor) -> int:
    """How many of the caller's notifications are unread."""
    return notifications_for(actor, unread=True).count()


def notifications_after(user_public_id: str, last_event_id: str) -> list[Notification]:
    """What a client that saw `last_event_id` has missed, oldest first; the newest 100 when it missed more.

    Ids are UUIDv7 and rows of one person are told apart by them; an id that is not one of the person's gives
    whatever was made after it.
    """
    missed = (
        Notification.objects.filter(user__public_id=user_public_id, public_id__gt=last_event_id)
        .order_by("-public_id")
        .only("public_id", "type", "title", "message", "data", "read_at", "created_at")[
            :STREAM_RESUME_MAX_COUNT
        ]
    )
    return list(reversed(missed))


def choices_for(user_row: int) -> Mapping[str, Mapping[str, bool]]:
    """What this person chose, {type: {channel: bool}}; empty for somebody who never chose."""
    chosen = Preference.objects.filter(user_id=user_row).values_list("channels", flat=True).first()
    return chosen or {}


def preferences_get(actor: Actor) -> dict[str, Any]:
    """The caller's preferences in the shape of the API, defaults filled in."""
    row = Preference.objects.filter(user_id=user_pk(str(actor.user_id))).first()
    quiet = None
    if row is not None and row.quiet_start is not None and row.quiet_end is not None:
        quiet = {"start": f"{row.quiet_start:%H:%M}", "end": f"{row.quiet_end:%H:%M}"}
    digest = None if row is None or row.digest_hour is None else {"hour": row.digest_hour}
    channels = rules.channels_in_full(row.channels if row else {})
    return {"channels": channels, "quiet_hours": quiet, "digest": digest}


def channels_list() -> list[dict[str, Any]]:
    """All channels, and whether this platform serves them at present."""
    return [
        {"channel": channel.value, "name": channel.label, "available": channel in SERVED_CHANNELS}
        for channel in Channel
    ]


def template_active(name: str) -> Template:
    """The version in use.

    Raises:
        Template.DoesNotExist: `seed` has not run.
    """
    return Template.objects.get(active_name=name)


def deliveries_list(*, status: str | None = None) -> QuerySet[Delivery]:
    """All deliveries with user and template, unordered; for holders of `notification.send`."""
    queryset = Delivery.objects.select_related("user", "template")
    return queryset.filter(status=status) if status else queryset


def delivery_get(public_id: str) -> Delivery:
    """One delivery with user and template.

    Raises:
        NotFound.
    """
    delivery = deliveries_list().filter(public_id=public_id).first()
    if delivery is None:
        raise NotFound
    return delivery


def deliveries_due(limit: int) -> list[int]:
    """Row numbers of deliveries whose time has come and that nobody works on, oldest first."""
    now = clock.real_now()
    return list(
        Delivery.objects.filter(status__in=OPEN_STATUSES)
        .exclude(lease_until__gt=now)
        .exclude(next_attempt_at__gt=now)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )
