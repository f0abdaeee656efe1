"""Reads of badges and contribution points."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts.selectors import user_get
from challenges import rules
from challenges.constants import BPS, MILLI, REWARDED_STATUSES, BadgeRule, SubmissionStatus
from challenges.models import (
    Badge,
    BadgeAward,
    ContributionEvent,
    Contributor,
    Result,
    Submission,
    Vote,
)
from ogc import clock
from ogc.actors import Actor


def points_total(user_pk: int) -> int:
    """A person's points in thousandths."""
    return Contributor.objects.filter(user_id=user_pk).values_list("points_milli", flat=True).first() or 0


def badge_progress(user_pk: int, rule: str) -> int:
    """How far a person is in what a rule counts (whole points, wins, approvals, votes)."""
    if rule == BadgeRule.POINTS:
        return points_total(user_pk) // MILLI
    if rule == BadgeRule.CHALLENGE_WON:
        won = Result.objects.filter(user_id=user_pk, rank=1, challenge__status__in=sorted(REWARDED_STATUSES))
        return won.count()
    if rule == BadgeRule.SUBMISSIONS_APPROVED:
        return Submission.objects.filter(author_id=user_pk, status=SubmissionStatus.APPROVED).count()
    if rule == BadgeRule.VOTES_CAST:
        return Vote.objects.filter(voter_id=user_pk).count()
    return 0


def badges_listed() -> QuerySet[Badge]:
    """All badges that can be earned."""
    return Badge.objects.filter(active=True)


@dataclass(frozen=True, slots=True)
class BadgeStanding:
    """A badge, when this person got it (None: not yet), and their progress in what it counts."""

    badge: Badge
    awarded_at: object | None
    progress: int


def badges_of(user_id: str) -> list[BadgeStanding]:
    """Every badge with this person's standing in it; counts each rule once."""
    user_pk = user_get(user_id).pk
    mine = BadgeAward.objects.filter(badge_id=OuterRef("pk"), user_id=user_pk).values("awarded_at")[:1]
    rows = list(badges_listed().annotate(mine_at=Subquery(mine)).order_by("id"))
    counted = {rule: badge_progress(user_pk, rule) for rule in {row.criteria["rule"] for row in rows}}
    return [BadgeStanding(row, row.mine_at, counted[row.criteria["rule"]]) for row in rows]


def contributions_of(user_id: str) -> QuerySet[ContributionEvent]:
    """A person's point events."""
    return ContributionEvent.objects.filter(user_id=user_get(user_id).pk)


@dataclass(frozen=True, slots=True)
class ContributionStats:
    """A person's standing: totals in thousandths, multiplier in basis points, streak in days."""

    total_milli: int
    rank: str | None
    next_rank: str | None
    next_rank_at_milli: int | None
    multiplier_bps: int
    streak: int
    badges: int


def contribution_stats(actor: Actor) -> ContributionStats:
    """The standing of the acting user."""
    user = user_get(actor.user_id or "")
    total = points_total(user.pk)
    rank, following, needed = rules.rank_for(total)
    held = BadgeAward.objects.filter(user=user).aggregate(n=Count("id"))["n"]
    return ContributionStats(
        total, rank, following, needed, user.plan.contribution_bps or BPS, _streak(user.pk), held
    )


def _streak(user_pk: int) -> int:
    """Days in a row with a contribution, up to today or yesterday."""
    days = ContributionEvent.objects.filter(user_id=user_pk).order_by("-day")
    expected, streak = clock.today(), 0
    for day in days.values_list("day", flat=True).distinct().iterator(chunk_size=100):
        if streak == 0 and day == expected - timedelta(days=1):
            expected = day
        if day != expected:
            break
        streak, expected = streak + 1, expected - timedelta(days=1)
    return streak
