"""`manage.py createsuperuser`, in place of Django's, which would write a user without wallet and audit."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from governance.services import owner_create
from ogc.actors import SYSTEM
from ogc.errors import DomainError
from ogc.management.platform_command import PlatformCommand
from ogc.management.prompts import password_ask

PASSWORD_VARIABLE = "DJANGO_SUPERUSER_PASSWORD"


class Command(PlatformCommand):
    """Make an owner: registered, verified, with the role super_admin."""

    help = (
        f"Make an account with the role super_admin; {PASSWORD_VARIABLE} saves the prompt for the password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who it is."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="Administrator")
        parser.add_argument("--no-input", "--noinput", action="store_false", dest="interactive")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then call the service."""
        password = password_ask(PASSWORD_VARIABLE, interactive=options["interactive"])
        try:
            user_id = owner_create(
                actor=SYSTEM,
                email=options["email"],
                password=password,
                name=options["name"],
                reason="manage.py createsuperuser",
            )
        except DomainError as error:
            raise CommandError(f"{error} {error.details or ''}".strip()) from error
        self.stdout.write(f"{options['email']} is super_admin ({user_id}).")
        self.stdout.write("The admin site asks for a second factor: set one up by the API first.")
