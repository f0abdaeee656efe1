"""Logins and what they left behind."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services
from accounts.models import Activity, LoginFailure, MfaChallenge, RefreshToken, Revocation, Session
from ogc.admin import ScopedModelAdmin


@admin.register(Session)
class SessionAdmin(ScopedModelAdmin):
    """Logins; ended one by one here, all of a person on the list of people."""

    list_display = ("user", "transport", "device", "ip", "mfa_at", "created_at", "last_used_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "transport", "method", "end_reason")
    list_select_related = ("user",)
    search_fields = ("user__email", "=ip", "=public_id")
    date_hierarchy = "created_at"
    actions = ("end",)

    @admin.action(description="End session", permissions=["users_write"])
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """Log the selected devices out."""
        self.run_service(
            request,
            queryset.select_related("user"),
            lambda session, actor, reason: services.user_logout(
                actor=actor, user_id=session.user.public_id, session_id=session.public_id, reason=reason
            ),
        )


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


@admin.register(MfaChallenge)
class MfaChallengeAdmin(ScopedModelAdmin):
    """Logins that wait for a second factor."""

    list_display = ("user", "expires_at", "tries_count", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("token_hash",)


@admin.register(Activity)
class ActivityAdmin(ScopedModelAdmin):
    """What people read of their own security; for looking only."""

    list_display = ("user", "kind", "ip", "device", "created_at", "denied_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")
    date_hierarchy = "created_at"
