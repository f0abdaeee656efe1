"""What commands ask the operator for."""

import getpass
import os

from django.core.management.base import CommandError


def password_ask(variable: str, *, interactive: bool = True) -> str:
    """A password from the environment variable, or typed twice. Raises: CommandError when the two differ."""
    password = os.environ.get(variable, "")
    if password or not interactive:
        return password
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password (again): ") != password:
        raise CommandError("The two are not the same.")
    return password
