"""Challenges in the admin site: everything to look at, moves and decisions as actions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from challenges.models import (
    Badge,
    BadgeAward,
    Category,
    Challenge,
    ChallengeMove,
    ContributionEvent,
    Contributor,
    Entry,
    JudgeAssignment,
    PrizeAward,
    Result,
    Score,
    Submission,
    SubmissionVersion,
    Team,
    TeamMember,
    Vote,
)
from challenges.services import authoring, badges, distribution, lifecycle, results, reviews
from ogc.admin import ScopedModelAdmin, ScopedTabularInline
from ogc.amounts import format_amount

CHALLENGE_COLOURS = {
    "open": "success",
    "reviewing": "warning",
    "finalized": "info",
    "cancelled": "danger",
}
SUBMISSION_COLOURS = {"pending": "warning", "approved": "success", "rejected": "danger", "removed": "danger"}
AWARD_COLOURS = {"queued": "warning", "paid": "success", "held": "info", "failed": "danger"}


@admin.register(Category)
class CategoryAdmin(ScopedModelAdmin):
    """Categories; names and order can be edited."""

    list_display = ("name", "slug", "position")
    write_scope = "challenge.write"
    search_fields = ("name", "slug")


class MoveInline(ScopedTabularInline):
    """What happened to a challenge."""

    model = ChallengeMove
    fields = ("at", "action", "from_status", "to_status", "actor", "reason")
    readonly_fields = fields


class JudgeInline(ScopedTabularInline):
    """Who judges it."""

    model = JudgeAssignment
    fk_name = "challenge"
    fields = ("judge", "assigned_by", "assigned_at")
    readonly_fields = fields


def _move(description: str, service: Callable[..., Any], *, reason_required: bool = False) -> Any:
    """An action that calls one service for each selected challenge; a reason stands for confirmation."""

    @admin.action(description=description, permissions=["challenge_write"])
    def action(model_admin: ScopedModelAdmin, request: HttpRequest, queryset: QuerySet[Challenge]) -> None:
        model_admin.run_service(
            request,
            queryset,
            lambda row, actor, reason: service(actor=actor, challenge_id=row.public_id),
            reason_required=reason_required,
        )

    return action


@admin.register(Challenge)
class ChallengeAdmin(ScopedModelAdmin):
    """Challenges; their texts are edited through the API, their status by actions."""

    list_display = (
        "title",
        "shown_status",
        "category",
        "track",
        "shown_pool",
        "entry_count",
        "submission_count",
        "submission_deadline",
        "voting_ends_at",
    )
    list_filter = ("status", "category", "track", "judging_mode", "premium", "visibility")
    list_select_related = ("category",)
    search_fields = ("title", "slug", "public_id")
    date_hierarchy = "created_at"
    inlines = (MoveInline, JudgeInline)
    publish = _move("Publish and fund the escrow", authoring.challenge_publish)
    open_now = _move("Open now", lifecycle.challenge_open)
    close_now = _move("End submissions now", lifecycle.challenge_close)
    finalize = _move("Finalise", results.challenge_finalize, reason_required=True)
    distribute = _move("Pay the prizes", distribution.challenge_distribute, reason_required=True)
    assign_badges = _move("Assign badges", badges.challenge_assign_badges)
    archive = _move("Archive", lifecycle.challenge_archive)
    actions = (
        "publish",
        "open_now",
        "close_now",
        "finalize",
        "distribute",
        "assign_badges",
        "archive",
        "cancel",
        "reopen",
    )

    @display(description="status", ordering="status", label=CHALLENGE_COLOURS)
    def shown_status(self, row: Challenge) -> str:
        """Coloured: what needs somebody stands out."""
        return row.status

    @display(description="prize pool", ordering="prize_pool")
    def shown_pool(self, row: Challenge) -> str:
        """In OGC."""
        return f"{format_amount(row.prize_pool)} OGC"

    @admin.action(description="Cancel and refund", permissions=["challenge_write"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Challenge]) -> None:
        """Call the selected challenges off, with a reason."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: authoring.challenge_cancel(
                actor=actor, challenge_id=row.public_id, reason=reason
            ),
        )

    @admin.action(description="Take results back", permissions=["challenge_write"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Challenge]) -> None:
        """Reopen the selected challenges before they are paid, with a reason."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: results.challenge_reopen(
                actor=actor, challenge_id=row.public_id, reason=reason
            ),
        )


class VersionInline(ScopedTabularInline):
    """Every version of a submission."""

    model = SubmissionVersion
    fields = ("number", "content_type", "text", "url", "created_at")
    readonly_fields = fields


@admin.register(Submission)
class SubmissionAdmin(ScopedModelAdmin):
    """Work to review; approve and reject decide the version that the list shows."""

    list_display = (
        "public_id",
        "challenge",
        "author",
        "shown_status",
        "version",
        "content_type",
        "duplicate",
        "submitted_at",
    )
    list_filter = ("status", "content_type", "duplicate", "challenge")
    list_select_related = ("challenge", "author")
    search_fields = ("public_id", "author__email", "challenge__title")
    date_hierarchy = "submitted_at"
    inlines = (VersionInline,)
    actions = ("approve", "reject")

    @display(description="status", ordering="status", label=SUBMISSION_COLOURS)
    def shown_status(self, row: Submission) -> str:
        """Coloured: what waits stands out."""
        return row.status

    @admin.action(description="Approve", permissions=["submission_review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """Approve the selected work."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: reviews.submission_approve(
                actor=actor, submission_id=row.public_id, version=row.version
            ),
            reason_required=False,
        )

    @admin.action(description="Reject", permissions=["submission_review"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """Reject the selected work; the reason goes to its author."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: reviews.submission_reject(
                actor=actor, submission_id=row.public_id, version=row.version, reason=reason
            ),
        )


@admin.register(PrizeAward)
class PrizeAwardAdmin(ScopedModelAdmin):
    """Prizes on their way; those that failed for good can be tried again."""

    list_display = ("challenge", "rank", "user", "shown_amount", "shown_status", "attempts", "paid_at")
    list_filter = ("status", "challenge")
    list_select_related = ("challenge", "user")
    search_fields = ("public_id", "user__email", "challenge__title", "transaction_id")
    actions = ("retry",)

    @display(description="amount", ordering="amount")
    def shown_amount(self, row: PrizeAward) -> str:
        """In OGC."""
        return f"{format_amount(row.amount)} OGC"

    @display(description="status", ordering="status", label=AWARD_COLOURS)
    def shown_status(self, row: PrizeAward) -> str:
        """Coloured: what failed stands out."""
        return row.status

    @admin.action(description="Try again", permissions=["challenge_write"])
    def retry(self, request: HttpRequest, queryset: QuerySet[PrizeAward]) -> None:
        """Queue the selected prizes again."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: distribution.award_retry(actor=actor, award_pk=row.pk),
            reason_required=False,
        )


@admin.register(Entry)
class EntryAdmin(ScopedModelAdmin):
    """Who takes part."""

    list_display = ("challenge", "user", "team", "status", "entered_at")
    list_filter = ("status", "challenge")
    list_select_related = ("challenge", "user", "team")
    search_fields = ("public_id", "user__email", "challenge__title")


class MemberInline(ScopedTabularInline):
    """The people of a team."""

    model = TeamMember
    fields = ("user", "status", "share_bps", "joined_at")
    readonly_fields = fields


@admin.register(Team)
class TeamAdmin(ScopedModelAdmin):
    """Teams."""

    list_display = ("name", "challenge", "leader", "split_locked_at")
    list_select_related = ("challenge", "leader")
    search_fields = ("name", "leader__email", "challenge__title")
    inlines = (MemberInline,)


@admin.register(Vote)
class VoteAdmin(ScopedModelAdmin):
    """Votes are anonymous: the admin site shows that they exist and what they weigh, not whose they are."""

    list_display = ("submission", "weight_bps", "created_at")
    list_select_related = ("submission",)
    exclude = ("voter",)


@admin.register(Score)
class ScoreAdmin(ScopedModelAdmin):
    """Judges' scores."""

    list_display = ("submission", "judge", "total", "updated_at")
    list_select_related = ("submission", "judge")
    search_fields = ("judge__email", "submission__public_id")


@admin.register(Result)
class ResultAdmin(ScopedModelAdmin):
    """Frozen ranks."""

    list_display = ("challenge", "rank", "user", "score", "shown_prize")
    list_filter = ("challenge",)
    list_select_related = ("challenge", "user")
    search_fields = ("user__email", "challenge__title")

    @display(description="prize", ordering="prize")
    def shown_prize(self, row: Result) -> str:
        """In OGC."""
        return f"{format_amount(row.prize)} OGC"


@admin.register(Badge)
class BadgeAdmin(ScopedModelAdmin):
    """Badges and what earns them."""

    list_display = ("name", "slug", "tier", "category", "criteria", "active")
    list_filter = ("tier", "category", "active")
    search_fields = ("name", "slug")


@admin.register(BadgeAward)
class BadgeAwardAdmin(ScopedModelAdmin):
    """Who holds which badge."""

    list_display = ("badge", "user", "awarded_at", "awarded_by", "reason")
    list_filter = ("badge",)
    list_select_related = ("badge", "user", "awarded_by")
    search_fields = ("user__email", "badge__slug")


@admin.register(ContributionEvent)
class ContributionEventAdmin(ScopedModelAdmin):
    """Points, event by event; never edited."""

    list_display = ("user", "action", "points_milli", "multiplier_bps", "source_key", "created_at")
    list_filter = ("action",)
    list_select_related = ("user",)
    search_fields = ("user__email", "source_key")
    date_hierarchy = "created_at"


@admin.register(Contributor)
class ContributorAdmin(ScopedModelAdmin):
    """Running totals of points."""

    list_display = ("user", "points_milli", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
