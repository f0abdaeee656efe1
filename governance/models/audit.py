"""The audit trail: records, their erasable personal part, and the chain of seals over them.

Records and seals are append-only by trigger (migration 0002). A record's content hash covers all its columns;
the seal of a record covers its content hash, its place, and through the seal before it the whole past.
"""

from django.db import models

from governance.constants import (
    ACTION_LENGTH,
    HASH_LENGTH,
    TARGET_ID_LENGTH,
    TARGET_TYPE_LENGTH,
    Severity,
)
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel

IP_LENGTH = 45
USER_AGENT_LENGTH = 256


class AuditRecord(PublicModel):
    """One critical action. `created_at` is platform time, `stored_at` real time.

    `before` and `after` are canonical JSON text (empty: nothing to say), kept as text so that no database
    spells them anew. `personal_hash` is the salted hash of the side row, empty where there is none.
    """

    stored_at = models.DateTimeField(default=clock.real_now, editable=False)
    action = ExactCharField(max_length=ACTION_LENGTH)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    actor_kind = models.CharField(max_length=12)
    actor_id = ExactCharField(max_length=TARGET_ID_LENGTH, blank=True)
    target_type = ExactCharField(max_length=TARGET_TYPE_LENGTH, blank=True)
    target_id = ExactCharField(max_length=TARGET_ID_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    request_id = ExactCharField(max_length=64, blank=True)
    correlation_id = ExactCharField(max_length=64, blank=True)
    personal_hash = ExactCharField(max_length=HASH_LENGTH, blank=True)
    content_hash = ExactCharField(max_length=HASH_LENGTH)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=("created_at", "id"), name="governance_audit_time"),
            models.Index(fields=("stored_at",), name="governance_audit_stored"),
            models.Index(fields=("actor_id", "created_at"), name="governance_audit_actor"),
            models.Index(fields=("action", "created_at"), name="governance_audit_action"),
            models.Index(fields=("target_id", "created_at"), name="governance_audit_target"),
            models.Index(fields=("severity", "created_at"), name="governance_audit_severity"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.public_id}"


class AuditPersonal(models.Model):
    """The personal part of a record; deleted (with its salt) when the person asks for erasure."""

    record = models.OneToOneField(
        AuditRecord, on_delete=models.PROTECT, primary_key=True, related_name="personal"
    )
    salt = ExactCharField(max_length=32)
    ip = models.CharField(max_length=IP_LENGTH, blank=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)

    class Meta:
        verbose_name_plural = "audit personal parts"

    def __str__(self) -> str:
        return f"personal part of record {self.record_id}"


class AuditSeal(models.Model):
    """One link of the chain; `position` runs from 1 without gaps, so that two sealers can't both write it."""

    position = models.BigIntegerField(primary_key=True)
    record = models.OneToOneField(AuditRecord, on_delete=models.PROTECT, related_name="seal")
    content_hash = ExactCharField(max_length=HASH_LENGTH)
    previous_hash = ExactCharField(max_length=HASH_LENGTH)
    chain_hash = ExactCharField(max_length=HASH_LENGTH)
    sealed_at = models.DateTimeField(default=clock.real_now, editable=False)

    class Meta:
        ordering = ("-position",)

    def __str__(self) -> str:
        return f"seal {self.position}"
