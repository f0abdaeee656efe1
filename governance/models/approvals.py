"""What waits for a second person."""

from django.conf import settings
from django.db import models

from governance.constants import ACTION_LENGTH, HASH_LENGTH, NAME_LENGTH, REASON_LENGTH, ApprovalStatus
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Approval(PublicModel):
    """One request of one action with one payload; executed when somebody else with its scope approves."""

    action = ExactCharField(max_length=ACTION_LENGTH)
    scope = ExactCharField(max_length=NAME_LENGTH)
    payload = models.JSONField()
    payload_hash = ExactCharField(max_length=HASH_LENGTH)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals_requested"
    )
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=ApprovalStatus.choices, default=ApprovalStatus.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals_decided", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("status", "created_at", "id"), name="governance_approval_queue")]

    def __str__(self) -> str:
        return f"{self.action} ({self.status})"
