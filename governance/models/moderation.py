"""Reports, the incidents that they merge into, and appeals."""

from django.conf import settings
from django.db import models

from governance.constants import (
    REASON_LENGTH,
    TARGET_ID_LENGTH,
    TARGET_TYPE_LENGTH,
    AppealStatus,
    IncidentAction,
    IncidentSeverity,
    IncidentStatus,
    ReportReason,
)
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Incident(PublicModel):
    """A case about one target. `open_key` is "type:id" until it is decided, then null: one open case each.

    `summary` is what the platform itself says about it; what people say is in the reports.
    """

    target_type = ExactCharField(max_length=TARGET_TYPE_LENGTH)
    target_id = ExactCharField(max_length=TARGET_ID_LENGTH)
    open_key = ExactCharField(max_length=TARGET_TYPE_LENGTH + TARGET_ID_LENGTH + 1, unique=True, null=True)
    summary = models.CharField(max_length=REASON_LENGTH, blank=True)
    severity = models.CharField(
        max_length=8, choices=IncidentSeverity.choices, default=IncidentSeverity.NORMAL
    )
    status = models.CharField(max_length=8, choices=IncidentStatus.choices, default=IncidentStatus.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="incidents_assigned", null=True
    )
    action = models.CharField(max_length=16, choices=IncidentAction.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="incidents_decided", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("status", "severity", "id"), name="governance_incident_queue")]

    def __str__(self) -> str:
        return f"{self.target_type} {self.target_id}"


class Report(PublicModel):
    """What one person says about one target, once."""

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports_made"
    )
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    target_type = ExactCharField(max_length=TARGET_TYPE_LENGTH)
    target_id = ExactCharField(max_length=TARGET_ID_LENGTH)
    reason = models.CharField(max_length=16, choices=ReportReason.choices)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("reporter", "target_type", "target_id"), name="governance_report_once"
            ),
        ]
        indexes = [models.Index(fields=("reporter", "created_at", "id"), name="governance_report_mine")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.target_type} {self.target_id}"


class Appeal(PublicModel):
    """The one objection of the affected person to a decided incident."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="appeal")
    appellant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appeals_made"
    )
    text = models.TextField()
    status = models.CharField(max_length=8, choices=AppealStatus.choices, default=AppealStatus.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appeals_decided", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"appeal {self.public_id}"
