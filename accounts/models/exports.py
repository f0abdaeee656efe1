"""Exports of personal data."""

from django.conf import settings
from django.db import models

from accounts.constants import ExportStatus
from ogc.db.models import PublicModel
from ogc.jobs.outbox import OutboxRow


class DataExport(OutboxRow, PublicModel):
    """One archive of everything that the platform knows of a user; made by a job, kept for a week."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="data_exports")
    status = models.CharField(max_length=8, choices=ExportStatus.choices, default=ExportStatus.QUEUED)
    file = models.FileField(upload_to="exports/", blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_export_user"),
            models.Index(fields=["status", "lease_until"], name="accounts_export_due"),
        ]

    def __str__(self) -> str:
        return self.public_id
