"""Telling one person about one fact: the row in the app and the deliveries, written once."""

import logging
from collections.abc import Mapping

from accounts.selectors import open_user_pk
from notifications import rules
from notifications.constants import OPEN_STATUSES, Channel, DeliveryStatus
from notifications.models import Delivery, Notification, Template
from notifications.selectors import choices_for, template_active
from notifications.services.outbox import delivery_enqueue
from notifications.services.stream import notification_publish
from notifications.templating import message_render, title_render
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional

log = logging.getLogger(__name__)


@transactional
def notify(
    *,
    actor: Actor,
    event_id: str,
    user_id: str,
    template: str,
    context: Mapping[str, str],
    data: Mapping[str, str] | None = None,
) -> None:
    """Write the notification and a delivery for each channel that the person wants; none to closed accounts.

    Args:
        actor: who has it sent; the system for domain events.
        event_id: public id of the fact; with user and channel it makes the delivery unique.
        user_id: public id of the person.
        template: name of the template.
        context: values for the texts; never a secret (those are derived when a mail is rendered).
        data: ids that a client needs to open the right page.

    Effects: in-app row and its `delivered` delivery; `queued` deliveries, each with a job after the commit;
    the
        in-app row is published to the person's open streams.

    Idempotency: by the unique (event, user, channel); a second call writes and sends nothing.
    """
    version = template_active(template)
    user_row = open_user_pk(user_id)
    if user_row is None:
        return
    choices = choices_for(user_row)
    wanted = [
        channel for channel in Channel.values if rules.channel_is_wanted(version.type, channel, choices)
    ]
    if Channel.IN_APP in wanted:
        wanted.remove(Channel.IN_APP)
        if version.message:
            _write_in_app(user_id, user_row, event_id, version, context, data or {})
    if wanted:
        _queue(user_row, event_id, version, context, wanted)
    log.info(
        "notified", extra={"template": template, "user_id": user_id, "event_id": event_id, "actor": actor.key}
    )


def _write_in_app(
    user_id: str,
    user_row: int,
    event_id: str,
    version: Template,
    context: Mapping[str, str],
    data: Mapping[str, str],
) -> None:
    row = Notification(
        user_id=user_row,
        event_id=event_id,
        type=version.type,
        title=title_render(version.sources, context),
        message=message_render(version.sources, context),
        data=dict(data),
    )
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    if not Notification.objects.filter(public_id=row.public_id).exists():
        return
    now = clock.now()
    delivery = Delivery(
        event_id=event_id,
        user_id=user_row,
        channel=Channel.IN_APP,
        type=version.type,
        template=version,
        status=DeliveryStatus.DELIVERED,
        sent_at=now,
        delivered_at=now,
    )
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    on_commit(lambda: notification_publish(user_id, row))


def _queue(
    user_row: int, event_id: str, version: Template, context: Mapping[str, str], channels: list[str]
) -> None:
    rows = [
        Delivery(
            event_id=event_id,
            user_id=user_row,
            channel=channel,
            type=version.type,
            template=version,
            context=dict(context),
        )
        for channel in channels
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    # A second call finds nothing by these ids: its rows were ignored.
    written = Delivery.objects.filter(
        public_id__in=[row.public_id for row in rows], status__in=OPEN_STATUSES
    ).values_list("id", "attempts")
    for row_number, attempts in written:
        delivery_enqueue(row_number, attempts + 1)
