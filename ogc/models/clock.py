"""The platform clock's offset."""

from django.db import models


class ClockOffset(models.Model):
    """One row (id 1): how many microseconds platform time runs ahead of real time; only with DEBUG."""

    ahead_microseconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ahead_microseconds__gte=0), name="ogc_clockoffset_forward"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ahead_microseconds} µs ahead"
