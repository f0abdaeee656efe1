"""Permissions of staff in the admin site; people log in by `services.staff_login`, not by this."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class StaffBackend(ModelBackend):
    """Django's own backend, which nobody can log in with."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Nobody: the lockout and the second factor are in the service."""
