"""The chain as staff see it: what was signed, sent and seen, and the decisions about it that are theirs."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ogc.admin import ScopedModelAdmin, ScopedTabularInline
from ogc.amounts import format_amount
from wallets.admin.columns import AmountColumn
from wallets.models import (
    ChainBlock,
    ChainNetwork,
    ChainPosition,
    ChainSigner,
    ChainTransaction,
    Checkpoint,
    PayoutDay,
    SeenTransfer,
    SignedAttempt,
    UnfoldedEntry,
)
from wallets.services.signers import signer_resume
from wallets.services.withdrawal_switch import withdrawals_resume, withdrawals_stop
from wallets.services.withdrawals import withdrawal_approve, withdrawal_reject


class SignedAttemptInline(ScopedTabularInline):
    """Every hash ever signed for the nonce; any of them may be the one mined."""

    model = SignedAttempt
    fields = readonly_fields = ("tx_hash", "max_fee_wei", "priority_fee_wei", "pays", "created_at")


@admin.register(ChainTransaction)
class ChainTransactionAdmin(AmountColumn, ScopedModelAdmin):
    """Withdrawals and other payments of the hot wallet, with approval."""

    list_display = (
        "public_id",
        "purpose",
        "status",
        "amount_ogc",
        "receiver",
        "nonce",
        "created_at",
        "last_error",
    )
    list_filter = ("status", "purpose", "created_at")
    search_fields = ("public_id", "receiver", "tx_hash", "attempts__tx_hash", "wallet__user__email")
    ordering = ("-id",)
    inlines = (SignedAttemptInline,)
    actions = ("approve", "reject")

    @admin.action(description="Approve", permissions=["wallet_approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[ChainTransaction]) -> None:
        """Let waiting withdrawals go."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: withdrawal_approve(actor=actor, withdrawal_id=row.public_id),
            reason_required=False,
        )

    @admin.action(description="Reject and give the tokens back", permissions=["wallet_approve"])
    def reject(self, request: HttpRequest, queryset: QuerySet[ChainTransaction]) -> None:
        """Refuse waiting withdrawals."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: withdrawal_reject(
                actor=actor, withdrawal_id=row.public_id, reason=reason
            ),
        )


@admin.register(ChainSigner)
class ChainSignerAdmin(ScopedModelAdmin):
    """Hot wallets."""

    list_display = ("address", "status", "next_nonce", "stop_reason", "hold_reason", "last_error")
    actions = ("resume",)

    @admin.action(description="Let it send again", permissions=["wallet_approve"])
    def resume(self, request: HttpRequest, queryset: QuerySet[ChainSigner]) -> None:
        """After somebody found out why the chain knew more nonces than we."""
        self.run_service(
            request,
            queryset,
            lambda row, actor, reason: signer_resume(actor=actor, signer_id=row.pk, reason=reason),
        )


@admin.register(SeenTransfer)
class SeenTransferAdmin(ScopedModelAdmin):
    """Transfers of our token that concern us, as the indexer saw them."""

    list_display = ("tx_hash", "status", "sender", "receiver", "value_wei", "block_number", "seen_at")
    list_filter = ("status",)
    search_fields = ("=tx_hash", "=sender", "=receiver")


@admin.register(ChainPosition)
class ChainPositionAdmin(ScopedModelAdmin):
    """Where the indexer stands, and the stop switch."""

    list_display = (
        "head_number",
        "finalized_number",
        "final_number",
        "lag_seconds",
        "breaker",
        "stopped",
        "stop_reason",
        "checked_at",
    )
    actions = ("stop", "resume")

    @admin.action(description="Stop withdrawals", permissions=["wallet_approve"])
    def stop(self, request: HttpRequest, queryset: QuerySet[ChainPosition]) -> None:
        """No nonce is given from now on."""
        self.run_service(
            request, queryset, lambda row, actor, reason: withdrawals_stop(actor=actor, reason=reason)
        )

    @admin.action(description="Let withdrawals go on", permissions=["wallet_approve"])
    def resume(self, request: HttpRequest, queryset: QuerySet[ChainPosition]) -> None:
        """What waits is sent."""
        self.run_service(
            request, queryset, lambda row, actor, reason: withdrawals_resume(actor=actor, reason=reason)
        )


@admin.register(ChainNetwork)
class ChainNetworkAdmin(ScopedModelAdmin):
    """The chain and contracts that this database belongs to."""

    list_display = ("chain_id", "token", "vault", "start_block", "recorded_at")


@admin.register(ChainBlock)
class ChainBlockAdmin(ScopedModelAdmin):
    """Hashes of the newest blocks."""

    list_display = ("number", "block_hash")
    search_fields = ("=number", "=block_hash")


@admin.register(PayoutDay)
class PayoutDayAdmin(ScopedModelAdmin):
    """What was withdrawn each day."""

    list_display = ("day", "total_ogc")
    ordering = ("-day",)

    @admin.display(description="Total (OGC)", ordering="total")
    def total_ogc(self, row: PayoutDay) -> str:
        """The total as a decimal number."""
        return format_amount(row.total)


@admin.register(UnfoldedEntry)
class UnfoldedEntryAdmin(ScopedModelAdmin):
    """Credits of lazy accounts that are not folded yet."""

    list_display = ("entry_id", "account", "amount")
    list_select_related = ("account",)


@admin.register(Checkpoint)
class CheckpointAdmin(ScopedModelAdmin):
    """Balances at entries, from which running sums start."""

    list_display = ("account", "section", "entry_id", "balance")
    list_select_related = ("account",)
