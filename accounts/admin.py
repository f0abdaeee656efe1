"""Accounts in the admin site: people and plans can be worked on, the rest is for looking."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts import services
from accounts.models import (
    LoginFailure,
    MailToken,
    Payment,
    Plan,
    RefreshToken,
    Revocation,
    ServiceToken,
    Session,
    Subscription,
    User,
)
from ogc.admin import ScopedModelAdmin


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    """People; suspended, reinstated and logged out by actions that call the services."""

    list_display = ("email", "name", "shown_status", "plan", "is_staff", "email_verified_at", "created_at")
    list_filter = ("status", "plan", "is_staff", "track")
    list_select_related = ("plan",)
    search_fields = ("email", "name", "public_id")
    exclude = ("password", "user_permissions")
    date_hierarchy = "created_at"
    actions = ("suspend", "reinstate", "end_sessions")

    @display(description="status", label={"active": "success", "suspended": "danger"})
    def shown_status(self, user: User) -> str:
        """Coloured: who is out stands out."""
        return user.status

    @admin.action(description="Suspend with no end", permissions=["users_write", "moderation_write"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Refuse everything to the selected people."""
        self.run_service(
            request,
            queryset,
            lambda user, actor, reason: services.user_suspend(
                actor=actor, user_id=user.public_id, reason=reason
            ),
        )

    @admin.action(description="Reinstate", permissions=["users_write", "moderation_write"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the selected people log in again."""
        self.run_service(
            request,
            queryset,
            lambda user, actor, reason: services.user_reinstate(
                actor=actor, user_id=user.public_id, reason=reason
            ),
        )

    @admin.action(description="End all sessions", permissions=["users_write"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Log the selected people out everywhere."""
        self.run_service(
            request,
            queryset,
            lambda user, actor, reason: services.user_logout(
                actor=actor, user_id=user.public_id, reason=reason
            ),
        )


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


@admin.register(Session)
class SessionAdmin(ScopedModelAdmin):
    """Logins."""

    list_display = ("user", "ip", "user_agent", "created_at", "last_used_at", "ended_at", "end_reason")
    list_filter = ("end_reason", "transport")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")
    date_hierarchy = "created_at"


@admin.register(RefreshToken)
class RefreshTokenAdmin(ScopedModelAdmin):
    """When tokens were rotated; neither hashes nor successors are shown."""

    list_display = ("id", "session", "created_at", "used_at", "expires_at")
    list_select_related = ("session",)
    exclude = ("token_hash", "successor_sealed")
    search_fields = ("session__user__email",)


@admin.register(Revocation)
class RevocationAdmin(ScopedModelAdmin):
    """What was revoked lately."""

    list_display = ("kind", "subject", "valid_from", "claims_version", "until")
    list_filter = ("kind",)
    search_fields = ("subject",)


@admin.register(LoginFailure)
class LoginFailureAdmin(ScopedModelAdmin):
    """Who is locked out."""

    list_display = ("subject", "failures_count", "strikes_count", "last_failed_at", "locked_until")
    search_fields = ("subject",)


@admin.register(MailToken)
class MailTokenAdmin(ScopedModelAdmin):
    """What was mailed and used; the nonce stays hidden."""

    list_display = ("user", "purpose", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("nonce",)


@admin.register(ServiceToken)
class ServiceTokenAdmin(ScopedModelAdmin):
    """Tokens of machines; made by `manage.py service_token`."""

    list_display = ("name", "scopes", "created_at", "expires_at", "revoked_at")
    exclude = ("token_hash",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["role_write"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ServiceToken]) -> None:
        """Refuse the selected tokens from now on."""
        self.run_service(
            request,
            queryset,
            lambda token, actor, reason: services.service_token_revoke(actor=actor, token_id=token.public_id),
        )
