"""Answers that an idempotency key remembers."""

from datetime import timedelta

from django.db import models

from ogc import clock
from ogc.db.fields import ExactCharField


class IdempotencyRecord(models.Model):
    """The one answer to a caller's key; inserted with the answer in the transaction of the money itself.

    `caller` is the actor's key; `fingerprint` a SHA-256 of method, path and canonical body.
    """

    KEEP = timedelta(hours=24)
    """How long a key gives the same answer."""

    id = models.BigAutoField(primary_key=True)
    caller = ExactCharField(max_length=64)
    key = ExactCharField(max_length=255)
    fingerprint = ExactCharField(max_length=64)
    status_code = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="ogc_idempotencyrecord_once")]
        indexes = [models.Index(fields=["created_at"], name="ogc_idempotencyrecord_age")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}: {self.status_code}"
