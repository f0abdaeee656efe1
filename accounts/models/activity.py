"""The security timeline that people read."""

from django.conf import settings
from django.db import models

from accounts.constants import DEVICE_MAX_LENGTH, ActivityKind
from ogc.db.models import PublicModel


class Activity(PublicModel):
    """One line of a user's timeline. `details` holds plain values for people (a factor's name, an address).

    Kept for a year, erased with the account; the audit trail keeps its own record.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=20, choices=ActivityKind.choices)
    session = models.ForeignKey(
        "accounts.Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="activities"
    )
    ip = models.GenericIPAddressField(null=True, blank=True)
    device = models.CharField(max_length=DEVICE_MAX_LENGTH, blank=True)
    details = models.JSONField(default=dict)
    denied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_activity_line"),
            models.Index(fields=["created_at"], name="accounts_activity_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
