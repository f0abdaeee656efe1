"""Moving the platform clock: never a jump over what would have happened on the way.

From one due instant to the next: set the offset, do everything that is due to its end, the scheduled jobs
included, go on. Other processes
read the offset again each second.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.module_loading import import_string

from ogc import clock, events
from ogc.jobs.sweeps import registered, run_all_inline
from ogc.models import ClockOffset
from ogc.schedule import CRON

SWEEPS = ("ogc.jobs.entry.sweep", "ogc.jobs.entry.sweep_lane")

STEP = timedelta(days=1)
"""Daily jobs look at each day: time never moves further than this at once."""


def advance_to(target: datetime, *, on_step: Callable[[datetime, int], None]) -> None:
    """Move platform time to `target`, calling `on_step(instant, how much was done)` at each halt."""
    on_step(clock.now(), _do_all())
    while (now := clock.now()) < target:
        instant = min(target, now + STEP, *_next_dues(now))
        ahead = clock.offset() + max(instant - clock.now(), timedelta(microseconds=1))
        ClockOffset.objects.update_or_create(
            pk=1, defaults={"ahead_microseconds": ahead // timedelta(microseconds=1)}
        )
        clock.apply_offset(ahead)
        on_step(clock.now(), _do_all())


def _next_dues(now: datetime) -> list[datetime]:
    found = [sweep.next_due() for sweep in registered() if sweep.next_due]
    return [instant for instant in found if instant is not None and instant > now]


def _do_all() -> int:
    total = _drain()
    for entry in CRON:
        # The sweeps' own jobs only put into Redis what is done here at once.
        if entry.job not in SWEEPS:
            import_string(entry.job)()
    return total + _drain()


def _drain() -> int:
    total = 0
    while done := events.drain() + run_all_inline():
        total += done
    return total
