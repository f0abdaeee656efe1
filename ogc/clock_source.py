"""How the clock's offset reaches each process: a reader source."""

from datetime import timedelta

from django.conf import settings

from ogc import clock
from ogc.models import ClockOffset


def load() -> None:
    """Take the stored offset; production has none."""
    if settings.DEBUG:
        ahead = ClockOffset.objects.filter(pk=1).values_list("ahead_microseconds", flat=True).first()
        clock.apply_offset(timedelta(microseconds=ahead or 0))
