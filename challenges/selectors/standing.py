"""Reads of badges and contribution points."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts.constants import PUBLIC_CHALLENGES_SHOWN
from accounts.ports import Achievements
from accounts.selectors import user_get
from challenges import rules
from challenges.constants import (
    BPS,
    MILLI,
    RANKED_STATUSES,
    REWARDED_STATUSES,
    BadgeRule,
    SubmissionStatus,
    Visibility,
)
from challenges.models import (
    Badge,
    BadgeAward,
    ContributionEvent,
    Contributor,
    Result,
    Submission,
    Vote,
)
from challenges.selectors.challenges import actor_pk
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


def badges_of(actor: Actor) -> list[BadgeStanding]:
    """Every badge with the acting user's standing in it; counts each rule once."""
    me = actor_pk(actor)
    mine = BadgeAward.objects.filter(badge_id=OuterRef("pk"), user_id=me).values("awarded_at")[:1]
    rows = list(badges_listed().annotate(mine_at=Subquery(mine)).order_by("id"))
    counted = {rule: badge_progress(me, rule) for rule in {row.criteria["rule"] for row in rows}}
    return [BadgeStanding(row, row.mine_at, counted[row.criteria["rule"]]) for row in rows]


_BADGE = ("slug", "name", "tier", "icon", "awarded_at")
_FINISHED = ("id", "slug", "title", "rank")


def public_achievements(user_pk: int) -> Achievements:
    """What a public profile shows: badges, rank, and ranks in public challenges. Three queries.

    Fills `accounts.ports.public_achievements`.
    """
    held = BadgeAward.objects.filter(user_id=user_pk).order_by("id")
    badges = held.values_list("badge__slug", "badge__name", "badge__tier", "badge__icon", "awarded_at")
    ranked = Result.objects.filter(
        user_id=user_pk,
        challenge__visibility=Visibility.PUBLIC,
        challenge__status__in=sorted(RANKED_STATUSES),
    ).order_by("-id")
    finished = ranked.values_list("challenge__public_id", "challenge__slug", "challenge__title", "rank")
    rank, _, _ = rules.rank_for(points_total(user_pk))
    return Achievements(
        badges=[dict(zip(_BADGE, row, strict=True)) for row in badges],
        rank=rank,
        finished_challenges=[
            dict(zip(_FINISHED, row, strict=True)) for row in finished[:PUBLIC_CHALLENGES_SHOWN]
        ],
    )


def contributions_of(actor: Actor) -> QuerySet[ContributionEvent]:
    """The acting user's point events."""
    return ContributionEvent.objects.filter(user_id=actor_pk(actor))


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
