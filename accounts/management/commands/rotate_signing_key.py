"""Replace the key that signs access tokens."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts import selectors, services
from ogc.actors import SYSTEM
from ogc.errors import NotFound
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """Sign with a new key from now on; nobody has to log in again unless a key is compromised."""

    help = "Replace the key that signs access tokens. Nobody notices: old tokens live on until they expire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which keys are refused at once, and whether to look only."""
        parser.add_argument(
            "--compromised",
            default="",
            metavar="KID|all",
            help="key whose tokens are refused within 2 seconds; all: every key but the new one",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing but the id of the new key goes to standard output."""
        compromised = options["compromised"]
        if options["dry_run"]:
            refused = selectors.signing_keys_refusable(compromised)
            if compromised and not refused:
                raise CommandError(f"There is no such key that is not refused already: {compromised}.")
            self.stderr.write("Nothing was changed. A new key would sign from now on.")
            for kid in refused:
                self.stderr.write(f"refused within 2 seconds: {kid}")
            return
        try:
            key = services.signing_key_rotate(actor=SYSTEM, compromised=compromised)
        except NotFound as error:
            raise CommandError(f"There is no such key: {compromised}.") from error
        for known in selectors.signing_keys_public()["keys"]:
            self.stderr.write(f"accepted: {known['kid']}")
        self.stdout.write(key.kid)
