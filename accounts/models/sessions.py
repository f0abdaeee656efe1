"""Logins: sessions, their refresh tokens, what was revoked, failed attempts."""

from django.conf import settings
from django.db import models

from accounts.constants import (
    DEVICE_MAX_LENGTH,
    NETWORK_MAX_LENGTH,
    LoginMethod,
    RevocationKind,
    SessionEnd,
    TokenTransport,
)
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Session(PublicModel):
    """One login on one device: the family of its refresh tokens, and the `sid` of its access tokens.

    `mfa_at` is when a second factor was passed in it (None: never, and then it gets no staff scopes outside
    DEBUG); `stepped_up_at` is its last step-up. `device` and `network` are what a new device is told by.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sessions")
    transport = models.CharField(max_length=6, choices=TokenTransport.choices)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    method = models.CharField(max_length=8, choices=LoginMethod.choices, default=LoginMethod.PASSWORD)
    device = models.CharField(max_length=DEVICE_MAX_LENGTH, blank=True)
    network = models.CharField(max_length=NETWORK_MAX_LENGTH, blank=True)
    mfa_at = models.DateTimeField(null=True, blank=True)
    stepped_up_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=SessionEnd.choices, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "ended_at"], name="accounts_session_live"),
            models.Index(fields=["ended_at"], name="accounts_session_ended"),
        ]

    def __str__(self) -> str:
        return self.public_id


class RefreshToken(models.Model):
    """One refresh token, as a hash only.

    Rotation is a compare-and-set on `used_at`. `successor_sealed` holds the next token for
    `REFRESH_GRACE_SECONDS`, encrypted under a key derived from this token (HKDF), so that only its holder
    can read it; the purge deletes it afterwards.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    parent = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="successor"
    )
    token_hash = ExactCharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    successor_sealed = models.BinaryField(max_length=255, null=True, blank=True)
    successor_until = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"refresh token {self.pk}"


class Revocation(models.Model):
    """Access tokens already issued that must be refused from now on.

    Each process reads the last of these every second and keeps those that a living access token can
    still meet. `valid_from` is real time: the readers' window must not jump with the platform clock.
    `subject` is the public id of the session or of the user, by `kind`; `claims_version` is the oldest
    version that still counts (kind claims); `until` ends a suspension (platform time, kind user).
    """

    kind = models.CharField(max_length=10, choices=RevocationKind.choices)
    subject = ExactCharField(max_length=36)
    valid_from = models.DateTimeField(default=clock.real_now, db_index=True)
    claims_version = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class LoginFailure(models.Model):
    """Wrong passwords and codes against one subject; what the lockout counts. Times are real time.

    `subject` is `account:<keyed hash of the address>` (known or not), `ip:<address, or its /64>`,
    `factor:<keyed hash of the user's id>` `confirm:<session>` or
    `confirms:<keyed hash of the user's id>`.
    """

    subject = ExactCharField(max_length=96, unique=True)
    failures_count = models.PositiveIntegerField(default=0)
    strikes_count = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField(default=clock.real_now)
    last_failed_at = models.DateTimeField(default=clock.real_now, db_index=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_failed_at"]

    def __str__(self) -> str:
        return self.subject
