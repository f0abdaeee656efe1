"""Logins and what they left behind."""

from django.contrib import admin

from accounts.models import Activity, LoginFailure, MfaChallenge, RefreshToken, Revocation, Session
from ogc.admin import ScopedModelAdmin


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
