"""What people chose."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from ogc.db.models import PublicModel


class Preference(PublicModel):
    """One person's choices; no row: the defaults of `rules` hold.

    `channels` is {type: {channel: bool}} with only what was chosen. Quiet hours and digest are wall-clock
    times in the person's own zone.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notification_preference"
    )
    channels = models.JSONField(default=dict)
    quiet_start = models.TimeField(null=True, blank=True)
    quiet_end = models.TimeField(null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_start__isnull=True, quiet_end__isnull=True)
                | models.Q(quiet_start__isnull=False, quiet_end__isnull=False),
                name="notifications_preference_quiet_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(digest_hour__isnull=True) | models.Q(digest_hour__lte=23),
                name="notifications_preference_digest_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"preferences {self.public_id}"
