"""Reports, incidents, appeals, proposals; their decisions come with their services."""

from django.contrib import admin

from governance.models import Appeal, Incident, Proposal, ProposalVote, Report
from ogc.admin import ScopedModelAdmin, ScopedTabularInline


class ReportInline(ScopedTabularInline):
    """What people said about the target."""

    model = Report
    fields = ("reason", "text", "reporter", "created_at")
    readonly_fields = fields


@admin.register(Incident)
class IncidentAdmin(ScopedModelAdmin):
    """The moderation queue."""

    list_display = ("target_type", "target_id", "severity", "status", "assignee", "created_at")
    list_filter = ("status", "severity", "target_type")
    list_select_related = ("assignee",)
    search_fields = ("=target_id", "=public_id")
    inlines = (ReportInline,)


@admin.register(Report)
class ReportAdmin(ScopedModelAdmin):
    """Single reports."""

    list_display = ("target_type", "target_id", "reason", "reporter", "created_at")
    list_filter = ("reason", "target_type")
    list_select_related = ("reporter",)
    search_fields = ("=target_id", "reporter__email", "text")


@admin.register(Appeal)
class AppealAdmin(ScopedModelAdmin):
    """Objections to decisions."""

    list_display = ("incident", "appellant", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("incident", "appellant")


@admin.register(Proposal)
class ProposalAdmin(ScopedModelAdmin):
    """Proposals; nobody touches their votes."""

    list_display = ("title", "category", "author", "status", "voting_ends_at")
    list_filter = ("status", "category")
    list_select_related = ("author",)
    search_fields = ("title", "=public_id")


@admin.register(ProposalVote)
class ProposalVoteAdmin(ScopedModelAdmin):
    """Votes on proposals, immutable."""

    list_display = ("proposal", "voter", "choice", "stake", "weight", "created_at")
    list_filter = ("choice",)
    list_select_related = ("proposal", "voter")
