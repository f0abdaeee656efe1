"""What happened, counted."""

from django.db import models

from analytics.constants import NAME_MAX_LENGTH
from ogc import clock
from ogc.db.fields import ExactCharField


class DailyCount(models.Model):
    """Events of one name on one UTC day and the people behind them; the name `*` counts all names together.

    A row equals a recount of the day's events at `counted_at`.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    name = ExactCharField(max_length=NAME_MAX_LENGTH)
    event_count = models.PositiveBigIntegerField()
    user_count = models.PositiveBigIntegerField(help_text="People, each once.")
    counted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-day", "name")
        constraints = [
            models.UniqueConstraint(fields=("name", "day"), name="analytics_daily_count_unique"),
            models.CheckConstraint(
                condition=models.Q(user_count__lte=models.F("event_count")),
                name="analytics_daily_count_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}: {self.event_count}"
