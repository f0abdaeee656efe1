"""Sending what is queued, trying again what failed, giving up, and trying again by hand."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F

from notifications import rules
from notifications.clients.mail import MailNotSent, MailReceipt, MailRefused, mail_send
from notifications.constants import ERROR_MAX_LENGTH, OPEN_STATUSES, DeliveryStatus
from notifications.errors import DeliveryNotResendable
from notifications.models import Delivery
from notifications.services.outbox import delivery_enqueue
from notifications.services.rendering import RecipientGone, address_of, delivery_render
from ogc import access, clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.jobs import claim
from ogc.ports import audit_record

log = logging.getLogger(__name__)


def delivery_attempt(*, pk: int) -> None:
    """Send one delivery if it is due and nobody else is at it.

    The mail goes out between two commits: taking the lease, and recording the result. A crash in between is
    healed by the sweep; the repetition carries the same Message-ID (with the file backend: the same file).

    Effects: one message; status sent, delivered, failed (with the time from which the sweep tries again) or
    dead.
    """
    if not claim(Delivery, pk, statuses=OPEN_STATUSES):
        return
    delivery = Delivery.objects.select_related("user", "template").get(pk=pk)
    if rules.attempts_are_spent(delivery.round_attempts, settings.DELIVERY_RETRY_SECONDS):
        _give_up(delivery, "attempts ended without a result")
        return
    try:
        receipt = mail_send(
            message_id=delivery.public_id, to=address_of(delivery), mail=delivery_render(delivery)
        )
    except (RecipientGone, MailRefused) as error:
        _give_up(delivery, f"{type(error).__name__}: {error}")
    except MailNotSent as error:
        _fail(delivery, f"{type(error).__name__}: {error}")
    else:
        _record_sent(delivery, receipt)


def _record_sent(delivery: Delivery, receipt: MailReceipt) -> None:
    now = clock.now()
    status = DeliveryStatus.DELIVERED if receipt.delivered else DeliveryStatus.SENT
    _finish(
        delivery,
        status=status,
        reference=receipt.reference,
        sent_at=now,
        delivered_at=now if receipt.delivered else None,
        next_attempt_at=None,
        last_error="",
    )


def _fail(delivery: Delivery, error: str) -> None:
    delay = rules.retry_delay_seconds(delivery.round_attempts, settings.DELIVERY_RETRY_SECONDS)
    if delay is None:
        _give_up(delivery, error)
        return
    next_attempt_at = clock.real_now() + timedelta(seconds=delay)
    _finish(
        delivery,
        status=DeliveryStatus.FAILED,
        next_attempt_at=next_attempt_at,
        last_error=error[:ERROR_MAX_LENGTH],
    )


def _give_up(delivery: Delivery, error: str) -> None:
    log.warning("delivery given up", extra={"delivery_id": delivery.public_id, "error": error})
    _finish(delivery, status=DeliveryStatus.DEAD, next_attempt_at=None, last_error=error[:ERROR_MAX_LENGTH])


def _finish(delivery: Delivery, **values: object) -> None:
    """Record the result unless another attempt took the row over in the meantime."""
    mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, status__in=OPEN_STATUSES)
    mine.update(lease_until=None, **values)


@transactional
def delivery_resend(*, actor: Actor, delivery: Delivery, reason: str = "") -> Delivery:
    """Queue a dead delivery once more, with all its tries.

    The attempt goes on counting, so that no job of an earlier round bears the name of a new one.

    Raises:
        PermissionDenied: without `notification.send`.
        DeliveryNotResendable: it is not dead.

    Effects: audit record; one job after the commit.
    """
    access.require(actor, "notification.resend", scope="notification.send")
    dead = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.DEAD)
    queued = dead.update(
        status=DeliveryStatus.QUEUED, spent_attempts=F("attempts"), lease_until=None, next_attempt_at=None
    )
    if not queued:
        raise DeliveryNotResendable
    audit_record(
        actor=actor,
        action="notification.resend",
        target_type="delivery",
        target_id=delivery.public_id,
        before={"status": DeliveryStatus.DEAD},
        after={"status": DeliveryStatus.QUEUED},
        reason=reason,
    )
    delivery.refresh_from_db()
    delivery_enqueue(delivery.pk, delivery.attempts + 1)
    return delivery
