"""The chain as staff see it: what was signed, sent and seen, and the books between; all read-only."""

from django.contrib import admin

from ogc.admin import ScopedModelAdmin, ScopedTabularInline
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


class SignedAttemptInline(ScopedTabularInline):
    """Every hash ever signed for the nonce; any of them may be the one mined."""

    model = SignedAttempt
    fields = readonly_fields = ("tx_hash", "max_fee_wei", "priority_fee_wei", "pays", "created_at")


@admin.register(ChainTransaction)
class ChainTransactionAdmin(ScopedModelAdmin):
    """What we send, by state."""

    list_display = ("public_id", "purpose", "status", "receiver", "nonce", "tx_hash", "sent_at", "last_error")
    list_filter = ("status", "purpose")
    search_fields = ("=public_id", "=receiver", "=tx_hash", "=correlation_id")
    inlines = (SignedAttemptInline,)


@admin.register(ChainSigner)
class ChainSignerAdmin(ScopedModelAdmin):
    """Hot keys by address, with the next nonce of each."""

    list_display = ("address", "status", "next_nonce", "stop_reason", "hold_reason")
    list_filter = ("status",)


@admin.register(SeenTransfer)
class SeenTransferAdmin(ScopedModelAdmin):
    """Transfers of our token that concern us, as the indexer saw them."""

    list_display = ("tx_hash", "status", "sender", "receiver", "value_wei", "block_number", "seen_at")
    list_filter = ("status",)
    search_fields = ("=tx_hash", "=sender", "=receiver")


@admin.register(ChainPosition)
class ChainPositionAdmin(ScopedModelAdmin):
    """How far the indexer is, and whether withdrawals are held."""

    list_display = ("key", "near_number", "final_number", "lag_seconds", "breaker", "stopped", "checked_at")


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
    """What left the platform each day."""

    list_display = ("day", "total")


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
