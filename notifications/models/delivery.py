"""Each way to each person, as an outbox."""

from django.conf import settings
from django.db import models

from notifications.constants import Channel, DeliveryStatus, NotificationType
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel
from ogc.jobs import OutboxRow


class Delivery(PublicModel, OutboxRow):
    """One event, one person, one channel.

    The row is the work: it is claimed with a lease, sent, and marked. `context` holds what the template needs
    and may be kept; one-time tokens, names and addresses are looked up when the mail is rendered.
    """

    event_id = ExactCharField(max_length=36)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    type = models.CharField(max_length=16, choices=NotificationType.choices)
    template = models.ForeignKey(
        "notifications.Template", on_delete=models.PROTECT, related_name="deliveries"
    )
    context = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.QUEUED)
    reference = ExactCharField(
        max_length=200, blank=True, default="", help_text="By which the provider knows the message."
    )
    spent_attempts = models.PositiveIntegerField(
        default=0, help_text="Attempts before it was last sent again by hand; only later ones count."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=("event_id", "user", "channel"), name="notifications_delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=DeliveryStatus.values),
                name="notifications_delivery_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=("status", "next_attempt_at"), name="notifications_due_idx"),
            models.Index(fields=("status", "id"), name="notifications_delivery_list"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.channel}, {self.status})"

    @property
    def round_attempts(self) -> int:
        """Attempts since it was queued or last sent again by hand."""
        return self.attempts - self.spent_attempts
