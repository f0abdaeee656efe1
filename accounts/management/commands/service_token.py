"""Bearer tokens for system calls: made, listed, revoked."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import selectors, services
from accounts.constants import SERVICE_SCOPES
from ogc.actors import SYSTEM
from ogc.errors import DomainError, NotFound
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """A token is printed once, when it is made; only its hash is kept."""

    help = "Print a new bearer token for system calls (it can't be shown again), list them, or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do; and of a new one the scopes, how long, and a name for the list."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--scope", action="append", choices=SERVICE_SCOPES, help="make one with this scope")
        what.add_argument("--list", action="store_true", help="the tokens that work, one a line")
        what.add_argument(
            "--revoke", metavar="ID", help="refuse one from now on, everywhere within 2 seconds"
        )
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--name", default="made by command")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing but the token or the list goes to standard output."""
        if options["list"]:
            self._list()
        elif options["revoke"] is not None:
            self._revoke(options["revoke"])
        else:
            self._create(options["name"], options["scope"], options["days"])

    def _list(self) -> None:
        for row in selectors.service_tokens_all():
            scopes = ",".join(row.scopes)
            self.stdout.write(
                f"{row.public_id}  {scopes}  until {row.expires_at:%Y-%m-%d %H:%M}Z  {row.name}"
            )

    def _revoke(self, token_id: str) -> None:
        try:
            services.service_token_revoke(actor=SYSTEM, token_id=token_id)
        except NotFound as error:
            raise CommandError(f"No token that works has the id {token_id}; --list shows them.") from error
        self.stderr.write(f"{token_id} is revoked.")

    def _create(self, name: str, scopes: list[str], days: int) -> None:
        try:
            row, token = services.service_token_create(actor=SYSTEM, name=name, scopes=scopes, days=days)
        except DomainError as error:
            raise CommandError(f"{error}: {error.details}") from error
        self.stderr.write(f"{row.public_id} holds {', '.join(row.scopes)} until {row.expires_at:%Y-%m-%d}")
        self.stdout.write(token)
