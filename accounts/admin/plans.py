"""Plans and who pays for them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Payment, Plan, Subscription
from ogc.admin import ScopedModelAdmin


@admin.register(Plan)
class PlanAdmin(ScopedModelAdmin):
    """Plans, edited by holders of `subscription.write`; each save is a new version."""

    write_scope = "subscription.write"
    list_display = ("name", "slug", "monthly_price_cents", "yearly_price_cents", "rate_factor", "version")
    readonly_fields = ("public_id", "version", "created_at")
    ordering = ("position",)

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        """Count the version up, so that whoever edits an older one by the API is told."""
        obj.version += int(change)
        super().save_model(request, obj, form, change)


@admin.register(Subscription)
class SubscriptionAdmin(ScopedModelAdmin):
    """Who pays for what."""

    list_display = ("user", "plan", "status", "billing_cycle", "method", "current_period_end_at")
    list_filter = ("status", "plan", "method")
    list_select_related = ("user", "plan")
    search_fields = ("user__email",)


@admin.register(Payment)
class PaymentAdmin(ScopedModelAdmin):
    """What was paid."""

    list_display = ("user", "plan", "method", "status", "amount_cents", "amount_base_units", "paid_at")
    list_filter = ("status", "method", "plan")
    list_select_related = ("user", "plan")
    search_fields = ("user__email", "source_key")
