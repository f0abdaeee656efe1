"""What looking at the whole ledger found, and what was published about it."""

from django.contrib import admin

from ogc.admin import ScopedModelAdmin
from wallets.models import (
    FoldedEntry,
    LedgerMark,
    LedgerReport,
    LiabilityLeaf,
    LiabilityNode,
    LiabilityProof,
    ShadowBalance,
)


@admin.register(LedgerReport)
class LedgerReportAdmin(ScopedModelAdmin):
    """Runs of reconcile."""

    list_display = ("created_at", "finished_at", "ok", "entry_count")
    list_filter = ("ok",)
    ordering = ("-id",)


@admin.register(LiabilityProof)
class LiabilityProofAdmin(ScopedModelAdmin):
    """Published roots."""

    list_display = ("created_at", "published_at", "root", "total", "leaf_count", "posting_id")
    ordering = ("-id",)


@admin.register(LiabilityLeaf)
class LiabilityLeafAdmin(ScopedModelAdmin):
    """Parts of balances in a proof."""

    list_display = ("proof", "position", "wallet", "amount")
    list_select_related = ("proof", "wallet")
    ordering = ("-id",)


@admin.register(LiabilityNode)
class LiabilityNodeAdmin(ScopedModelAdmin):
    """Nodes of a proof's tree."""

    list_display = ("proof", "level", "position", "hash", "sum")
    list_select_related = ("proof",)
    ordering = ("-id",)


@admin.register(ShadowBalance)
class ShadowBalanceAdmin(ScopedModelAdmin):
    """Balances rebuilt from the journal."""

    list_display = ("account", "balance", "entry_count", "last_entry_id", "differs")
    list_filter = ("differs",)
    list_select_related = ("account",)
    ordering = ("account",)


@admin.register(FoldedEntry)
class FoldedEntryAdmin(ScopedModelAdmin):
    """Places of entries of lazy accounts."""

    list_display = ("entry", "account", "section", "amount")
    list_select_related = ("account",)
    ordering = ("-entry",)


@admin.register(LedgerMark)
class LedgerMarkAdmin(ScopedModelAdmin):
    """How far jobs got that walk the journal."""

    list_display = ("name", "entry_id", "seen_at")
    ordering = ("name",)
