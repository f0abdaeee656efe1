"""Seal stored secrets under the newest key of SECRETS_KEYS."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.services.resealing import secrets_reseal
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """Run it after a new key was put first and all processes were restarted; then drop the old key."""

    help = "Seal stored secrets under the first key of SECRETS_KEYS, so that older keys can be dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to look only."""
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when something opens under no key: then no key may be dropped."""
        seen: dict[str, int] = {}
        changed = broken = 0
        for result in secrets_reseal(dry_run=options["dry_run"]):
            seen[result.name] = seen.get(result.name, 0) + result.seen
            changed, broken = changed + result.changed, broken + result.broken
            self.stderr.write(f"{result.name}: {seen[result.name]} looked at")
        verb = "would be sealed" if options["dry_run"] else "sealed"
        self.stdout.write(f"{changed} {verb} under the newest key, {broken} open under no key")
        if broken:
            raise CommandError(
                "Some secrets open under no key: put the key back that they were sealed under."
            )
