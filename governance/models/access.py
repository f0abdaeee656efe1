"""Scopes, policies and flags."""

from django.db import models

from governance.constants import NAME_LENGTH, REASON_LENGTH, TARGET_ID_LENGTH, Level
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Scope(models.Model):
    """No table: the content type that the permissions of all scopes hang on (`governance.<scope>`)."""

    class Meta:
        managed = False
        default_permissions = ()


class Policy(PublicModel):
    """Rules of one level in their current version; held in the memory of every process."""

    name = ExactCharField(max_length=NAME_LENGTH, unique=True)
    level = models.CharField(max_length=16, choices=Level.choices)
    version = models.PositiveIntegerField(default=1)
    is_enabled = models.BooleanField(default=True)
    document = models.JSONField()
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PolicyVersion(models.Model):
    """What a policy said at one version, and who wrote it; never changed."""

    id = models.BigAutoField(primary_key=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    level = models.CharField(max_length=16, choices=Level.choices)
    is_enabled = models.BooleanField()
    document = models.JSONField()
    author = ExactCharField(max_length=TARGET_ID_LENGTH)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("policy", "version"), name="governance_policyversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.version}"


class FeatureFlag(PublicModel):
    """On for all when it names nobody, else for whoever meets one of its criteria."""

    name = ExactCharField(max_length=NAME_LENGTH, unique=True)
    description = models.CharField(max_length=REASON_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_enabled = models.BooleanField(default=False)
    roles = models.JSONField(default=list, blank=True)
    plans = models.JSONField(default=list, blank=True)
    user_ids = models.JSONField(default=list, blank=True)
    percentage = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percentage__isnull=True) | models.Q(percentage__lte=100),
                name="governance_featureflag_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.name
