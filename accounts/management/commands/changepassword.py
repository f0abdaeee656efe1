"""`manage.py changepassword`, in place of Django's, which would leave sessions alive and the audit empty."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.selectors import user_by_email
from accounts.services import password_replace
from ogc.actors import SYSTEM
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from ogc.management.prompts import password_ask

PASSWORD_VARIABLE = "OGC_NEW_PASSWORD"


class Command(PlatformCommand):
    """For somebody who gets no mail: people with mail ask for a reset themselves."""

    help = f"Set a new password for an account; all its sessions end. {PASSWORD_VARIABLE} saves the prompt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and why."""
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then call the service."""
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError("Nobody has this address.")
        password = password_ask(PASSWORD_VARIABLE)
        try:
            password_replace(
                actor=SYSTEM, user_id=user.public_id, new_password=password, reason=options["reason"]
            )
        except DomainError as error:
            raise CommandError(f"{error} {error.details or ''}".strip()) from error
        self.stdout.write(f"{user.email} has a new password; second factors stayed on.")
