"""Second factors and proofs of addresses; for looking only."""

from django.contrib import admin

from accounts.models import AddressNonce, Passkey, PasskeyCeremony, RecoveryCode, TotpDevice
from ogc.admin import ScopedModelAdmin


@admin.register(TotpDevice)
class TotpDeviceAdmin(ScopedModelAdmin):
    """Authenticator apps; the seed is not shown."""

    list_display = ("user", "created_at", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("seed_sealed", "last_step")


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ScopedModelAdmin):
    """Recovery codes that were given out and used."""

    list_display = ("user", "created_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("code_hash",)


@admin.register(Passkey)
class PasskeyAdmin(ScopedModelAdmin):
    """WebAuthn credentials."""

    list_display = ("user", "name", "is_backed_up", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "name")
    exclude = ("credential_hash", "credential_id", "public_key")


@admin.register(PasskeyCeremony)
class PasskeyCeremonyAdmin(ScopedModelAdmin):
    """WebAuthn challenges that were given out."""

    list_display = ("user", "purpose", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("challenge_hash",)


@admin.register(AddressNonce)
class AddressNonceAdmin(ScopedModelAdmin):
    """EIP-4361 nonces that were given out."""

    list_display = ("address", "purpose", "user", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    exclude = ("nonce",)
