"""Sessions, CSRF, session login and messages, for the admin site only: the API has no use for them."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware

from ogc.middleware.platform import ADMIN_PREFIX


class AdminOnly:
    """Mixin: steps aside for every path outside the admin site."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass API requests straight on."""
        if request.path.startswith(ADMIN_PREFIX):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)  # type: ignore[attr-defined]


class AdminSessionMiddleware(AdminOnly, SessionMiddleware):
    """Django's sessions under /admin/."""


class AdminCsrfMiddleware(AdminOnly, CsrfViewMiddleware):
    """Django's CSRF protection under /admin/; the API takes no cookies but the refresh token's."""

    def process_view(self, request: HttpRequest, *args: Any) -> Any:
        """Check forms of the admin site only."""
        return super().process_view(request, *args) if request.path.startswith(ADMIN_PREFIX) else None


class AdminAuthenticationMiddleware(AdminOnly, AuthenticationMiddleware):
    """`request.user` from the session under /admin/."""

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        """Nothing to decide here."""


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    """One-time messages under /admin/."""
