"""Login of staff into the admin site, under the same lockout as the API."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.errors import InvalidCredentials
from accounts.models import User
from accounts.services.login import password_check
from ogc.actors import ANONYMOUS
from ogc.errors import RateLimited


class StaffBackend(ModelBackend):
    """Django's own backend for permissions and sessions; passwords are checked by the login service."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The user, or None. Raises: PermissionDenied, which ends the attempt, while the lockout lasts."""
        if not username or not password:
            return None
        try:
            user = password_check(actor=ANONYMOUS, email=username, password=password)
        except InvalidCredentials:
            return None
        except RateLimited:
            raise PermissionDenied from None
        return user if self.user_can_authenticate(user) else None
