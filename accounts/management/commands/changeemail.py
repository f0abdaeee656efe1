"""`manage.py changeemail`: another address for an account whose old one is lost or a stranger's."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from accounts.selectors import user_by_email, user_get
from accounts.services import email_replace
from ogc.actors import SYSTEM
from ogc.errors import DomainError, NotFound
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """After it the person asks for a password reset at the new address."""

    help = "Give an account another address, once you know that it is its owner's; all its sessions end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, which, and why."""
        parser.add_argument("user", help="present address or id")
        parser.add_argument("new_email")
        parser.add_argument("--reason", required=True, help="kept in the audit trail")
        parser.add_argument("--dry-run", action="store_true", help="say whose it would be, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when it can't be done."""
        try:
            validate_email(options["new_email"])
            user = user_by_email(options["user"]) or user_get(options["user"])
            if options["dry_run"]:
                self.stdout.write(f"{user.public_id} {user.email} would get {options['new_email']}")
                return
            user = email_replace(
                actor=SYSTEM,
                user_id=user.public_id,
                new_email=options["new_email"],
                reason=options["reason"],
            )
        except NotFound as error:
            raise CommandError("Nobody has this address or id.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("The new address is not valid.") from error
        self.stdout.write(f"{user.public_id} has the address {user.email}; now they ask for a reset.")
