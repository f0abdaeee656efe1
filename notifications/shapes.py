"""How rows look outside, the same in lists, answers and the stream; times are left to the JSON writer."""

from typing import Any

from notifications.models import Delivery, Notification

NOTIFICATION_COLUMNS = ("public_id", "type", "title", "message", "data", "read_at", "created_at")


def notification_shape(row: Notification) -> dict[str, Any]:
    """A notification as its owner sees it."""
    return notification_shape_of(tuple(getattr(row, column) for column in NOTIFICATION_COLUMNS))


def notification_shape_of(values: tuple[Any, ...]) -> dict[str, Any]:
    """The same from the values of NOTIFICATION_COLUMNS (more may follow), as the hot list reads them."""
    public_id, kind, title, message, data, read_at, created_at = values[:7]
    return {
        "id": public_id,
        "type": kind,
        "title": title,
        "message": message,
        "data": data,
        "read": read_at is not None,
        "read_at": read_at,
        "created_at": created_at,
    }


def delivery_shape(row: Delivery) -> dict[str, Any]:
    """A delivery as staff see it: no address, no text.

    Args:
        row: with user and template.
    """
    return {
        "id": row.public_id,
        "event_id": row.event_id,
        "user_id": row.user.public_id,
        "channel": row.channel,
        "type": row.type,
        "template": row.template.name,
        "status": row.status,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "last_error": row.last_error,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "delivered_at": row.delivered_at,
    }
