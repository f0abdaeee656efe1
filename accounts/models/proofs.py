"""One-time nonces by which people prove that a chain address is theirs."""

from django.conf import settings
from django.db import models

from accounts.constants import NoncePurpose
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class AddressNonce(PublicModel):
    """An EIP-4361 nonce: one purpose, one address (EIP-55 text), one user where one is known, once."""

    nonce = ExactCharField(max_length=32, unique=True)
    purpose = models.CharField(max_length=5, choices=NoncePurpose.choices)
    address = ExactCharField(max_length=42)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="address_nonces",
    )
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.address}"
