"""Second factors, and the half-done logins and ceremonies that wait for them."""

from django.conf import settings
from django.db import models

from accounts.constants import PASSKEY_NAME_MAX_LENGTH, CeremonyPurpose, LoginMethod, TokenTransport
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class TotpDevice(models.Model):
    """An authenticator app. The seed is sealed; `last_step` is the newest time step used (RFC 6238)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="totp_device"
    )
    seed_sealed = models.BinaryField(max_length=255)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"authenticator {self.pk}"


class RecoveryCode(models.Model):
    """A code for the day when the other factors are lost; a keyed hash, used once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_hash = ExactCharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="accounts_recoverycode_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Passkey(PublicModel):
    """A WebAuthn credential. `credential_hash` is the SHA-256 of its id, which may be 1023 bytes long.

    `is_backup_eligible` (may be copied to other devices) never changes for a credential; `is_backed_up` does.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=PASSKEY_NAME_MAX_LENGTH)
    credential_hash = ExactCharField(max_length=64, unique=True)
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.PositiveBigIntegerField(default=0)
    transports = models.JSONField(default=list)
    is_backup_eligible = models.BooleanField(default=False)
    is_backed_up = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class PasskeyCeremony(models.Model):
    """A WebAuthn challenge that may be answered once, for one purpose, by one user where one is known."""

    challenge_hash = ExactCharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=8, choices=CeremonyPurpose.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="passkey_ceremonies",
    )
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.purpose} ceremony {self.pk}"


class MfaChallenge(models.Model):
    """A login whose password was right and whose second factor is still to come; the token is a hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mfa_challenges"
    )
    token_hash = ExactCharField(max_length=64, unique=True)
    transport = models.CharField(max_length=6, choices=TokenTransport.choices)
    method = models.CharField(max_length=8, choices=LoginMethod.choices, default=LoginMethod.PASSWORD)
    expires_at = models.DateTimeField(db_index=True)
    tries_count = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"half login {self.pk}"
