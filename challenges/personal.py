"""What challenges holds of a person: parts of the export of personal data. No work or votes of others."""

from accounts.ports import PersonalSection
from challenges.models import (
    BadgeAward,
    Challenge,
    ContributionEvent,
    Contributor,
    Entry,
    JudgeAssignment,
    PrizeAward,
    Result,
    Score,
    Submission,
    SubmissionVersion,
    TeamMember,
    Vote,
)
from ogc.amounts import format_amount
from ogc.personal import rows_of

SECTIONS = (
    PersonalSection(
        "challenges_created",
        rows_of(
            Challenge, "created_by", id="public_id", created_at="created_at", title="title", status="status"
        ),
        ("challenges.Challenge.created_by",),
    ),
    PersonalSection(
        "entries_in_challenges",
        rows_of(
            Entry, "user", id="public_id", challenge="challenge__slug", status="status",
            entered_at="entered_at", left_at="left_at", team="team__name",
        ),
        ("challenges.Entry.user",),
    ),
    PersonalSection(
        "teams",
        rows_of(
            TeamMember, "user", team="team__name", challenge="team__challenge__slug", status="status",
            share_bps="share_bps", joined_at="joined_at",
        ),
        ("challenges.TeamMember.user",),
    ),
    PersonalSection(
        "submissions",
        rows_of(
            Submission, "author", id="public_id", challenge="challenge__slug", created_at="created_at",
            submitted_at="submitted_at", status="status", version="version", content_type="content_type",
            text="text", url="url", review_reason="review_reason", reviewed_at="reviewed_at",
            vote_count="vote_count",
        ),
        ("challenges.Submission.author",),
    ),
    PersonalSection(
        "submission_versions",
        rows_of(
            SubmissionVersion, "submission__author", submission="submission__public_id", number="number",
            created_at="created_at", text="text", url="url",
        ),
    ),
    PersonalSection(
        "votes",
        rows_of(
            Vote, "voter", submission="submission__public_id", weight_bps="weight_bps",
            created_at="created_at",
        ),
        ("challenges.Vote.voter",),
    ),
    PersonalSection(
        "judging",
        rows_of(JudgeAssignment, "judge", challenge="challenge__slug", assigned_at="assigned_at"),
        ("challenges.JudgeAssignment.judge",),
    ),
    PersonalSection(
        "scores_given",
        rows_of(
            Score, "judge", submission="submission__public_id", scores="scores", comment="comment",
            created_at="created_at", updated_at="updated_at",
        ),
        ("challenges.Score.judge",),
    ),
    PersonalSection(
        "results",
        rows_of(
            Result, "user", challenge="challenge__slug", rank="rank", score_micro="score",
            prize=("prize", format_amount), created_at="created_at",
        ),
        ("challenges.Result.user",),
    ),
    PersonalSection(
        "prizes",
        rows_of(
            PrizeAward, "user", challenge="challenge__slug", rank="rank", amount=("amount", format_amount),
            status="status", paid_at="paid_at",
        ),
        ("challenges.PrizeAward.user",),
    ),
    PersonalSection(
        "points_total",
        rows_of(Contributor, "user", points_milli="points_milli", updated_at="updated_at"),
        ("challenges.Contributor.user",),
    ),
    PersonalSection(
        "points",
        rows_of(
            ContributionEvent, "user", id="public_id", created_at="created_at", action="action",
            points_milli="points_milli", multiplier_bps="multiplier_bps", reason="reason",
        ),
        ("challenges.ContributionEvent.user",),
    ),
    PersonalSection(
        "badges",
        rows_of(BadgeAward, "user", badge="badge__slug", awarded_at="awarded_at", reason="reason"),
        ("challenges.BadgeAward.user",),
    ),
)  # fmt: skip
