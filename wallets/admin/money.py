"""What waits, and what wallets gave lately, as staff see it."""

from django.contrib import admin

from ogc.admin import ScopedModelAdmin
from wallets.admin.columns import AmountColumn
from wallets.models import Hold, Outflow, Reward


@admin.register(Hold)
class HoldAdmin(AmountColumn, ScopedModelAdmin):
    """Tokens set aside for withdrawals and checkouts."""

    list_display = ("public_id", "purpose", "status", "amount_ogc", "wallet", "created_at", "expires_at")
    list_filter = ("purpose", "status")
    search_fields = ("public_id", "transaction__public_id", "wallet__user__email")
    list_select_related = ("wallet",)
    ordering = ("-id",)


@admin.register(Reward)
class RewardAdmin(AmountColumn, ScopedModelAdmin):
    """What was earned, and when it is released."""

    list_display = ("public_id", "source", "status", "amount_ogc", "wallet", "created_at", "releases_at")
    list_filter = ("source", "status")
    search_fields = ("public_id", "transaction__public_id", "wallet__user__email")
    list_select_related = ("wallet",)
    ordering = ("-id",)


@admin.register(Outflow)
class OutflowAdmin(ScopedModelAdmin):
    """How much each wallet gave in its latest hour and day."""

    list_display = ("wallet", "hour", "hour_amount", "hour_count", "day", "day_amount", "day_count")
    search_fields = ("wallet__user__email", "wallet__public_id")
    list_select_related = ("wallet",)
    ordering = ("-wallet",)
