"""Shapes that the challenges API answers; they document `challenges.api.render`, which makes them."""

from rest_framework import serializers

from ogc.api.fields import Amount, Instant, ListOf, PublicId
from ogc.api.serializers import OutSerializer, PageOut


class CategoryOut(OutSerializer):
    """A category."""

    slug = serializers.CharField()
    name = serializers.CharField()


class PrizeSplitOut(OutSerializer):
    """Amounts per rank, or how many ranks share the pool."""

    mode = serializers.CharField()
    amounts = ListOf(child=Amount(), required=False)
    top = serializers.IntegerField(required=False)


class CriterionOut(OutSerializer):
    """One thing that judges look at."""

    name = serializers.CharField()
    weight = serializers.IntegerField()


class ChallengeCardOut(OutSerializer):
    """A challenge in a list."""

    id = PublicId()
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    cover_image = serializers.CharField()
    category = serializers.CharField()
    track = serializers.CharField()
    status = serializers.CharField()
    prize_pool = Amount()
    prize_split = PrizeSplitOut()
    judging_mode = serializers.CharField()
    premium = serializers.BooleanField()
    minimum_plan = serializers.CharField()
    entry_count = serializers.IntegerField()
    submission_count = serializers.IntegerField()
    starts_at = Instant()
    submission_deadline = Instant()
    voting_starts_at = Instant()
    voting_ends_at = Instant()
    created_at = Instant()


class ChallengeOut(ChallengeCardOut):
    """A challenge."""

    description = serializers.CharField()
    rules = serializers.CharField()
    criteria = ListOf(child=CriterionOut())
    hybrid_weight = serializers.IntegerField()
    visibility = serializers.CharField()
    max_submissions = serializers.IntegerField()
    allowed_content_types = ListOf(child=serializers.CharField())
    version = serializers.IntegerField()
    published_at = Instant(allow_null=True)
    finalized_at = Instant(allow_null=True)
    distributed_at = Instant(allow_null=True)


class MoveOut(OutSerializer):
    """One move of a challenge, made or to come; `at` of one to come is when the clock will make it."""

    action = serializers.CharField()
    from_status = serializers.CharField(allow_null=True)
    to_status = serializers.CharField()
    at = Instant()
    done = serializers.BooleanField()


class TimelineOut(OutSerializer):
    """All moves of a challenge, oldest first."""

    results = ListOf(child=MoveOut())


class ChallengeEntryOut(OutSerializer):
    """An entry."""

    id = PublicId()
    challenge = PublicId()
    status = serializers.CharField()
    entered_at = Instant()


class AuthorOut(OutSerializer):
    """Who made something."""

    id = PublicId()
    name = serializers.CharField()


class ReviewOut(OutSerializer):
    """What a reviewer decided on this version."""

    reason = serializers.CharField()
    reviewed_at = Instant()


class SubmissionOut(OutSerializer):
    """A submission at its newest version."""

    id = PublicId()
    challenge = PublicId()
    author = AuthorOut()
    status = serializers.CharField()
    version = serializers.IntegerField()
    content_type = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()
    votes = serializers.IntegerField()
    submitted_at = Instant()
    created_at = Instant()
    review = ReviewOut(allow_null=True)
    duplicate = serializers.BooleanField(required=False, help_text="For reviewers.")


class VoteOut(OutSerializer):
    """The weight that a vote counts with."""

    weight = serializers.CharField()


class ScoreOut(OutSerializer):
    """A judge's own scores."""

    submission = PublicId()
    scores = serializers.DictField(child=serializers.IntegerField())
    total = serializers.CharField()
    comment = serializers.CharField()
    updated_at = Instant()


class LeaderboardRowOut(OutSerializer):
    """A place on the leaderboard."""

    rank = serializers.IntegerField()
    score = serializers.CharField()
    submission_id = PublicId()
    name = serializers.CharField()
    submitted_at = Instant()


class LeaderboardOut(PageOut):
    """A page of the leaderboard."""

    count = serializers.IntegerField()
    results = ListOf(child=LeaderboardRowOut())


class ResultRowOut(LeaderboardRowOut):
    """A final place, with its prize and the parts of its score."""

    votes_score = serializers.CharField()
    judges_score = serializers.CharField()
    prize = Amount()


class OutcomeOut(OutSerializer):
    """What finalising gives: the ranks, and what of the pool they leave."""

    preview = serializers.BooleanField()
    status = serializers.CharField()
    results = ListOf(child=ResultRowOut())
    unassigned = serializers.CharField()


class ApprovalRefOut(OutSerializer):
    """An approval that something waits for."""

    id = PublicId()
    status = serializers.CharField()


class DistributionWaitsOut(OutSerializer):
    """A distribution that waits: for the second person (`approval`), or for its job (`challenge`)."""

    approval = ApprovalRefOut(required=False)
    challenge = ChallengeOut(required=False)


class BadgeOut(OutSerializer):
    """A badge."""

    id = PublicId()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    tier = serializers.CharField()
    category = serializers.CharField()
    icon = serializers.CharField()
    criteria = serializers.DictField()


class BadgeListOut(OutSerializer):
    """All badges."""

    results = ListOf(child=BadgeOut())


class MyBadgeOut(OutSerializer):
    """A badge, when the caller got it, and how far they are."""

    badge = BadgeOut()
    awarded_at = Instant(allow_null=True)
    progress = serializers.IntegerField()


class MyBadgesOut(OutSerializer):
    """All badges with the caller's standing."""

    results = ListOf(child=MyBadgeOut())


class ContributionOut(OutSerializer):
    """One award of points."""

    id = PublicId()
    action = serializers.CharField()
    points = serializers.CharField()
    multiplier = serializers.CharField()
    reason = serializers.CharField()
    created_at = Instant()


class ContributionStatsOut(OutSerializer):
    """The caller's standing."""

    total_points = serializers.CharField()
    rank = serializers.CharField(allow_null=True)
    next_rank = serializers.CharField(allow_null=True)
    next_rank_at = serializers.CharField(allow_null=True)
    multiplier = serializers.CharField()
    streak = serializers.IntegerField()
    badges = serializers.IntegerField()


class ChallengePageOut(PageOut):
    """A page of challenges."""

    results = ListOf(child=ChallengeCardOut())


class SubmissionPageOut(PageOut):
    """A page of submissions."""

    results = ListOf(child=SubmissionOut())


class ResultPageOut(PageOut):
    """A page of final places, best first."""

    results = ListOf(child=ResultRowOut())


class ContributionPageOut(PageOut):
    """A page of point events, newest first."""

    results = ListOf(child=ContributionOut())


class CategoryListOut(OutSerializer):
    """All categories."""

    results = ListOf(child=CategoryOut())
