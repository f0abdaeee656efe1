"""The base of commands that act: what they write carries platform time, as in every other process."""

from typing import Any

from django.core.management.base import BaseCommand

from ogc import clock_source


class PlatformCommand(BaseCommand):
    """Reads how far the platform clock was moved before it does anything."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """As Django's, at platform time."""
        clock_source.load()
        return super().execute(*args, **options)
