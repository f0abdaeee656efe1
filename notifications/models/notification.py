"""What a person sees in the app."""

from django.conf import settings
from django.db import models

from notifications.constants import TITLE_MAX_LENGTH, NotificationType
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Notification(PublicModel):
    """One line in somebody's list, rendered once; `event_id` is the domain event that it tells of.

    `data` holds public ids and plain values that a client needs to open the right page.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications", db_index=False
    )
    event_id = ExactCharField(max_length=36)
    type = models.CharField(max_length=16, choices=NotificationType.choices)
    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    message = models.TextField()
    data = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("user", "event_id"), name="notifications_notification_event_unique"
            ),
        ]
        indexes = [
            models.Index(fields=("user", "id"), name="notifications_list_idx"),
            models.Index(fields=("user", "read_at", "id"), name="notifications_unread_idx"),
        ]

    def __str__(self) -> str:
        return self.title
