"""What happened."""

from django.conf import settings
from django.db import models

from analytics.constants import EVENT_ID_MAX_LENGTH, NAME_MAX_LENGTH, SESSION_ID_MAX_LENGTH
from ogc import clock
from ogc.db.fields import ExactCharField

# Caller's row number or "platform", a colon, the event id.
DEDUPE_KEY_MAX_LENGTH = EVENT_ID_MAX_LENGTH + 24


class Event(models.Model):
    """One fact, from the platform's own domain events or from a client's batch; never changed.

    `dedupe_key` is "<caller>:<event id>", so that an event id is unique per caller and nobody can take
    another's. `user` is severed (null) when the account is deleted.
    """

    id = models.BigAutoField(primary_key=True)
    dedupe_key = ExactCharField(max_length=DEDUPE_KEY_MAX_LENGTH, unique=True)
    name = ExactCharField(max_length=NAME_MAX_LENGTH)
    ts = models.DateTimeField(help_text="When it happened.")
    received_at = models.DateTimeField(default=clock.now, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="analytics_events",
    )
    session_id = ExactCharField(max_length=SESSION_ID_MAX_LENGTH, blank=True, default="")
    properties = models.JSONField(default=dict)

    class Meta:
        ordering = ("-ts", "-id")
        indexes = [models.Index(fields=("name", "ts"), name="analytics_event_name_ts_idx")]

    def __str__(self) -> str:
        return f"{self.name} {self.ts:%Y-%m-%dT%H:%M:%SZ}"
