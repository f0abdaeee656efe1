"""Keys that sign access tokens."""

from django.db import models

from ogc import clock
from ogc.db.fields import ExactCharField


class SigningKey(models.Model):
    """An Ed25519 key under its id, the RFC 7638 thumbprint of its public half.

    One key signs: the one whose `signing_slot` is 1 (unique, so never two). The others are accepted until
    `accepted_until`, when the last of their tokens has expired; a compromised key at no time. The private
    half is sealed under SECRETS_KEYS, and deleted when the key stops signing.
    """

    kid = ExactCharField(max_length=43, unique=True)
    public_key = ExactCharField(max_length=43)
    private_sealed = models.BinaryField(max_length=255)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    signing_slot = models.PositiveSmallIntegerField(null=True, blank=True, unique=True)
    accepted_until = models.DateTimeField(null=True, blank=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.kid
