"""How work is judged, how it ranked, and what is paid for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.constants import MAX_SCORE_MICRO, AwardStatus
from challenges.models.challenge import Challenge
from challenges.models.entry import Entry
from challenges.models.submission import Submission
from ogc import clock
from ogc.db.fields import BaseUnitsField
from ogc.db.models import PublicModel
from ogc.jobs import OutboxRow


class JudgeAssignment(models.Model):
    """A person appointed to judge one challenge."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="judges")
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="judge_assignments"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="judges_assigned", null=True
    )
    assigned_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "judge"], name="challenges_judgeassignment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.judge_id} on {self.challenge_id}"


class Score(models.Model):
    """One judge's scores of one submission.

    `scores` maps each criterion to 0–100, `total` is in millionths.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="scores")
    judge = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scores_given")
    scores = models.JSONField()
    total = models.PositiveIntegerField()
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "judge"], name="challenges_score_once"),
            models.CheckConstraint(
                condition=Q(total__lte=MAX_SCORE_MICRO), name="challenges_score_at_most_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judge_id} on {self.submission_id}"


class Result(models.Model):
    """The frozen rank of one entry; scores in millionths, prize in base units."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="results")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="result")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="result")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenge_results"
    )
    rank = models.PositiveIntegerField()
    score = models.PositiveIntegerField()
    votes_score = models.PositiveIntegerField()
    judges_score = models.PositiveIntegerField()
    prize = BaseUnitsField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "rank"], name="challenges_result_rank_once"),
            models.CheckConstraint(condition=Q(prize__gte=0), name="challenges_result_prize_not_negative"),
        ]
        indexes = [models.Index(fields=["user", "rank"], name="challenges_result_of_user")]

    def __str__(self) -> str:
        return f"#{self.rank} of {self.challenge_id}"


class PrizeAward(PublicModel, OutboxRow):
    """The payment of one prize to one person: the outbox row of the distribution.

    `transaction_id` is the public id of the reward transaction once paid. One row per person and challenge.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="awards")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="awards")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="prize_awards")
    rank = models.PositiveIntegerField()
    amount = BaseUnitsField()
    status = models.CharField(max_length=8, choices=AwardStatus.choices, default=AwardStatus.QUEUED)
    transaction_id = models.CharField(max_length=36, blank=True, default="")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "user"], name="challenges_prizeaward_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="challenges_prizeaward_positive"),
        ]
        indexes = [models.Index(fields=["challenge", "status", "rank"], name="challenges_prizeaward_queue")]

    def __str__(self) -> str:
        return f"#{self.rank} of {self.challenge_id}"
