"""The standing that taking part gives: contribution points and badges."""

from django.conf import settings
from django.db import models

from challenges.constants import REASON_MAX, BadgeTier, PointAction
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Contributor(models.Model):
    """A person's running total of points, in thousandths; the row that serialises their point events."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contributor"
    )
    points_milli = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["-points_milli", "id"], name="challenges_contributor_total")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.points_milli}"


class ContributionEvent(PublicModel):
    """One award of points (negative when it corrects another).

    Never edited. `source_key` makes each fact count once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contribution_events"
    )
    action = models.CharField(max_length=24, choices=PointAction.choices)
    points_milli = models.BigIntegerField()
    multiplier_bps = models.PositiveIntegerField()
    source_key = ExactCharField(max_length=160, unique=True)
    day = models.DateField(help_text="UTC day of the fact; daily limits count by it.")
    reason = models.CharField(max_length=REASON_MAX, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["user", "action", "day"], name="challenges_contribution_day"),
            models.Index(fields=["user", "-created_at", "-id"], name="challenges_contribution_list"),
        ]

    def __str__(self) -> str:
        return self.source_key


class Badge(PublicModel):
    """A badge; `criteria` is `{"rule": …, "min": n}`, or `{"rule": "manual"}` for those given by people."""

    slug = ExactCharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True, default="")
    tier = models.CharField(max_length=8, choices=BadgeTier.choices)
    category = models.CharField(max_length=40)
    icon = models.CharField(max_length=80, blank=True, default="")
    criteria = models.JSONField()
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class BadgeAward(models.Model):
    """A badge that a person holds."""

    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="awards")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="badge_awards")
    awarded_at = models.DateTimeField(default=clock.now)
    awarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="badges_given", null=True
    )
    reason = models.CharField(max_length=REASON_MAX, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["badge", "user"], name="challenges_badgeaward_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="challenges_badgeaward_of_user")]

    def __str__(self) -> str:
        return f"{self.badge_id} of {self.user_id}"
