"""Reading marks and preferences of the person themselves."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from accounts.selectors import user_pk
from notifications import rules
from notifications.models import Notification, Preference
from notifications.selectors import notification_get, notifications_for, preferences_get
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import ValidationFailed


@transactional
def notification_read(*, actor: Actor, public_id: str) -> Notification:
    """Mark one of one's own notifications as read; the time of the first reading stays.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    notification = notification_get(actor, public_id)
    if notification.read_at is None:
        notification.read_at = clock.now()
        notification.save(update_fields=["read_at"])
    return notification


@transactional
def notifications_read_all(*, actor: Actor) -> int:
    """Mark all of one's own as read; how many were not."""
    return notifications_for(actor, unread=True).update(read_at=clock.now())


@transactional
def preferences_set(
    *,
    actor: Actor,
    channels: Mapping[str, Mapping[str, bool]],
    quiet_hours: Mapping[str, str] | None,
    digest_hour: int | None,
) -> dict[str, Any]:
    """Replace the caller's choices; the result in the shape of the API.

    Args:
        channels: {type: {channel: bool}}, known names only; what is left out follows the defaults.
        quiet_hours: {start, end}, wall-clock times HH:MM in the person's zone, or None.

    Raises:
        ValidationFailed: security messages can't be turned off.
    """
    forbidden = rules.forbidden_choices(channels)
    if forbidden:
        text = "Security messages can't be turned off."
        raise ValidationFailed({f"channels.{kind}": [("not_allowed", text)] for kind in forbidden})
    Preference.objects.update_or_create(
        user_id=user_pk(str(actor.user_id)),
        defaults={
            "channels": {kind: dict(choice) for kind, choice in channels.items()},
            "quiet_start": time.fromisoformat(quiet_hours["start"]) if quiet_hours else None,
            "quiet_end": time.fromisoformat(quiet_hours["end"]) if quiet_hours else None,
            "digest_hour": digest_hour,
        },
    )
    return preferences_get(actor)
