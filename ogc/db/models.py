"""Abstract models."""

from django.db import models

from ogc import clock
from ogc.db.fields import PublicIdField


class PublicModel(models.Model):
    """A row that the outside may know: a row number inside, a UUIDv7 outside, and when it was made."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
