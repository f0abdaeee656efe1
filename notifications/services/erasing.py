"""Erasing what is kept of people who closed their account."""

from accounts.selectors import user_pk
from notifications.constants import OPEN_STATUSES, DeliveryStatus
from notifications.models import Delivery, Notification, Preference
from ogc.db.transactions import transactional


@transactional
def personal_erase(*, user_id: str) -> None:
    """Delete the inbox and the choices of a person; deliveries stay as bare counts, and none goes out.

    Idempotency: a second call finds nothing.
    """
    pk = user_pk(user_id)
    Notification.objects.filter(user_id=pk).delete()
    Preference.objects.filter(user_id=pk).delete()
    theirs = Delivery.objects.filter(user_id=pk)
    theirs.filter(status__in=OPEN_STATUSES).update(
        status=DeliveryStatus.DEAD, next_attempt_at=None, lease_until=None
    )
    theirs.update(context={}, reference="", last_error="")
