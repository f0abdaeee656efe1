"""Work handed in, its versions, and the votes for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.constants import REASON_MAX, URL_MAX, ContentType, SubmissionStatus
from challenges.models.challenge import Challenge
from challenges.models.entry import Entry, Team
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Submission(PublicModel):
    """A piece of work of one entry, at its newest version.

    `slot` is the place it takes among the entry's allowed submissions, null once withdrawn or removed: the
    unique pair (entry, slot) is the quota. `vote_count` and `vote_weight_bps` are kept with each vote, so
    that no page counts votes. `frozen_at` is set with the ranks: no vote or edit after it. `submitted_at`
    is that of the newest version.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="submissions")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="submissions")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenge_submissions"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="submissions", null=True)
    slot = models.PositiveSmallIntegerField(null=True)
    status = models.CharField(
        max_length=12, choices=SubmissionStatus.choices, default=SubmissionStatus.PENDING
    )
    version = models.PositiveIntegerField(default=1)
    content_type = models.CharField(max_length=8, choices=ContentType.choices)
    text = models.TextField(blank=True, default="")
    url = models.CharField(max_length=URL_MAX, blank=True, default="")
    content_hash = ExactCharField(max_length=64)
    duplicate = models.BooleanField(
        default=False, help_text="The same content was handed in by someone else."
    )
    submitted_at = models.DateTimeField(default=clock.now)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions_reviewed", null=True
    )
    reviewed_at = models.DateTimeField(null=True)
    review_reason = models.CharField(max_length=REASON_MAX, blank=True, default="")
    vote_count = models.PositiveIntegerField(default=0)
    vote_weight_bps = models.BigIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "slot"], name="challenges_submission_slot"),
            models.CheckConstraint(
                condition=Q(vote_weight_bps__gte=0), name="challenges_submission_votes_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["challenge", "status", "-vote_weight_bps", "submitted_at", "id"],
                name="challenges_submission_board",
            ),
            models.Index(fields=["status", "id"], name="challenges_submission_pending"),
            models.Index(fields=["author", "-id"], name="challenges_submission_author"),
            models.Index(fields=["challenge", "content_hash"], name="challenges_submission_content"),
        ]

    def __str__(self) -> str:
        return self.public_id


class SubmissionVersion(models.Model):
    """What a submission was at one of its versions; never edited."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content_type = models.CharField(max_length=8, choices=ContentType.choices)
    text = models.TextField(blank=True, default="")
    url = models.CharField(max_length=URL_MAX, blank=True, default="")
    content_hash = ExactCharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "number"], name="challenges_submissionversion_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} v{self.number}"


class Vote(models.Model):
    """One person's vote for one submission, with the weight of their plan at the time."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenge_votes"
    )
    weight_bps = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "voter"], name="challenges_vote_once"),
            models.CheckConstraint(condition=Q(weight_bps__gt=0), name="challenges_vote_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"vote {self.pk}"
