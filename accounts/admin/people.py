"""People."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import services
from accounts.models import DataExport, Passkey, TotpDevice, User
from ogc.admin import ScopedModelAdmin, ScopedTabularInline

MORE = ("session", "activity", "recoverycode", "subscription", "payment", "dataexport")


class TotpInline(ScopedTabularInline):
    """The authenticator app; never its seed."""

    model = TotpDevice
    fields = readonly_fields = ("created_at", "confirmed_at")


class PasskeyInline(ScopedTabularInline):
    """Passkeys; never their keys."""

    model = Passkey
    fields = readonly_fields = ("name", "is_backed_up", "created_at", "last_used_at")


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    """People; suspended, reinstated and logged out by actions that call the services."""

    list_display = ("email", "name", "shown_status", "plan", "is_staff", "email_verified_at", "created_at")
    list_filter = ("status", "plan", "is_staff", "two_factor", "track")
    list_select_related = ("plan",)
    search_fields = ("email", "name", "public_id")
    exclude = ("password", "user_permissions", "last_login")
    readonly_fields = ("more",)
    date_hierarchy = "created_at"
    inlines = (TotpInline, PasskeyInline)
    actions = ("suspend", "reinstate", "end_sessions", "clear_factors")

    @display(description="status", label={"active": "success", "suspended": "danger"})
    def shown_status(self, user: User) -> str:
        """Coloured: who is out stands out."""
        return user.status

    @admin.display(description="More of this person")
    def more(self, user: User) -> SafeString:
        """The lists that grow, filtered by this person."""
        links = [(name, reverse(f"admin:accounts_{name}_changelist"), user.pk) for name in MORE]
        return format_html_join(", ", '<a href="{1}?user__id__exact={2}">{0}</a>', links)

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

    @admin.action(description="Clear second factors", permissions=["users_write"])
    def clear_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For people who lost them; needs a step-up, ends their sessions and tells them by mail."""
        self.run_service(
            request,
            queryset,
            lambda user, actor, reason: services.factors_clear(
                actor=actor, user_id=user.public_id, reason=reason
            ),
        )


@admin.register(DataExport)
class DataExportAdmin(ScopedModelAdmin):
    """Exports of personal data; the archive itself is for its user only."""

    list_display = ("user", "status", "created_at", "finished_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("file",)
