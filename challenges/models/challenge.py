"""Challenges, their categories and the record of their moves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from challenges.constants import (
    SLUG_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
    URL_MAX,
    ChallengeAction,
    ChallengeStatus,
    JudgingMode,
    Track,
    Visibility,
)
from ogc import clock
from ogc.db.fields import BaseUnitsField, ExactCharField
from ogc.db.models import PublicModel


class Category(models.Model):
    """A subject that challenges are filed under; seeded."""

    slug = ExactCharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Challenge(PublicModel):
    """A call for work with a prize pool.

    `criteria` is `[{name, weight}]` with weights that sum to 100; `prize_split` is
    `rules.PrizeSplit.to_json()` with amounts in base units. `version` counts edits. `entry_count` and
    `submission_count` are public counters. `status` may lag the clock until a job or an access walks the
    due move: ask `rules.effective_status`.
    """

    slug = ExactCharField(max_length=SLUG_MAX, unique=True)
    title = models.CharField(max_length=TITLE_MAX)
    summary = models.CharField(max_length=SUMMARY_MAX, blank=True, default="")
    description = models.TextField(blank=True, default="")
    rules = models.TextField(blank=True, default="")
    cover_image = models.CharField(max_length=URL_MAX, blank=True, default="")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="challenges")
    track = models.CharField(max_length=16, choices=Track.choices)
    prize_pool = BaseUnitsField()
    prize_split = models.JSONField()
    criteria = models.JSONField(default=list)
    judging_mode = models.CharField(max_length=8, choices=JudgingMode.choices)
    hybrid_weight = models.PositiveSmallIntegerField(default=50)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    premium = models.BooleanField(default=False)
    minimum_plan = models.CharField(max_length=32, default="free")
    max_submissions = models.PositiveSmallIntegerField(default=1)
    allowed_content_types = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    submission_deadline = models.DateTimeField()
    voting_starts_at = models.DateTimeField()
    voting_ends_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=ChallengeStatus.choices, default=ChallengeStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)
    entry_count = models.PositiveIntegerField(default=0)
    submission_count = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenges_created"
    )
    finalized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenges_finalized", null=True
    )
    distributed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenges_distributed", null=True
    )
    published_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    finalized_at = models.DateTimeField(null=True)
    distribution_started_at = models.DateTimeField(null=True)
    distributed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(prize_pool__gt=0), name="challenges_challenge_pool_positive"),
            models.CheckConstraint(
                condition=Q(hybrid_weight__lte=100), name="challenges_challenge_hybrid_weight_percent"
            ),
            models.CheckConstraint(
                condition=Q(max_submissions__gte=1), name="challenges_challenge_max_submissions_positive"
            ),
            models.CheckConstraint(
                condition=Q(submission_deadline__lte=F("voting_starts_at")),
                name="challenges_challenge_voting_after_deadline",
            ),
            models.CheckConstraint(
                condition=Q(voting_starts_at__lt=F("voting_ends_at")),
                name="challenges_challenge_voting_window",
            ),
        ]
        indexes = [
            models.Index(fields=["visibility", "status", "-id"], name="challenges_challenge_listed"),
            models.Index(fields=["status", "starts_at"], name="challenges_challenge_opening"),
            models.Index(fields=["status", "submission_deadline"], name="challenges_challenge_closing"),
        ]

    def __str__(self) -> str:
        return self.title


class ChallengeMove(models.Model):
    """One walked row of the state machine; never edited. `actor` is null for moves made by the clock."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="moves")
    action = models.CharField(max_length=16, choices=ChallengeAction.choices)
    from_status = models.CharField(max_length=20, choices=ChallengeStatus.choices)
    to_status = models.CharField(max_length=20, choices=ChallengeStatus.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenge_moves", null=True
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
