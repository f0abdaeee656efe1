"""Tokens by mail and of machines, and the keys that sign."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services
from accounts.models import MailToken, ServiceToken, SigningKey
from ogc.admin import ScopedModelAdmin


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


@admin.register(SigningKey)
class SigningKeyAdmin(ScopedModelAdmin):
    """Keys of access tokens; rotated by `manage.py rotate_signing_key`."""

    list_display = ("kid", "created_at", "signing_slot", "accepted_until", "compromised_at")
    search_fields = ("kid",)
    exclude = ("private_sealed",)
