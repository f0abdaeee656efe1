"""Print a bearer token for system calls."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import services
from accounts.constants import SERVICE_SCOPES
from ogc.actors import SYSTEM
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """Create a service token; it is printed this once and stored as a hash."""

    help = "Print a new bearer token for system calls (it can't be shown again)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The scopes, how long, and a name for the list."""
        parser.add_argument("--scope", action="append", required=True, choices=SERVICE_SCOPES)
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--name", default="made by command")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing but the token goes to standard output."""
        try:
            row, token = services.service_token_create(
                actor=SYSTEM, name=options["name"], scopes=options["scope"], days=options["days"]
            )
        except DomainError as error:
            raise CommandError(f"{error}: {error.details}") from error
        self.stderr.write(f"{row.public_id} holds {', '.join(row.scopes)} until {row.expires_at:%Y-%m-%d}")
        self.stdout.write(token)
