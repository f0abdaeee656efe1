"""Show the platform clock, or move it forward (only with DEBUG)."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ogc import clock, reader
from ogc.jobs.time_travel import advance_to

_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Command(BaseCommand):
    """`clock` shows platform time, `clock --advance 30d` moves it for all processes, doing what falls due."""

    help = "Show platform time, or move it forward step by step through everything that falls due."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--advance`."""
        parser.add_argument("--advance", metavar="SPAN", help="how far: 90s, 15m, 12h, 30d or 2w")

    def handle(self, *args: Any, advance: str | None = None, **options: Any) -> None:
        """Raises CommandError in production and for spans that are none."""
        reader.refresh()
        if advance:
            if not settings.DEBUG:
                raise CommandError("The clock only moves with DEBUG; production time is real time.")
            span = _SPAN.fullmatch(advance)
            if span is None:
                raise CommandError(f"--advance takes a span such as 90s, 15m or 30d, not {advance!r}.")
            target = clock.now() + timedelta(**{_UNITS[span[2]]: int(span[1])})
            advance_to(target, on_step=self._show_step)
        now = clock.now().isoformat(timespec="seconds")
        self.stdout.write(f"{now} ({clock.offset()} ahead of real time)")

    def _show_step(self, instant: datetime, done: int) -> None:
        self.stdout.write(f"{instant.isoformat(timespec='seconds')}: {done} done")
