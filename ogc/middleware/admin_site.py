"""Sessions, CSRF, session login and messages, for the admin site only: the API has no use for them."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware

from ogc.middleware.platform import ADMIN_PREFIX

QUEUE_PAGES = f"{ADMIN_PREFIX}django_rq/"


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
        """Leave the pages of Django-RQ, which ask only for staff, to readers; owners also empty and retry.

        Raises:
            PermissionDenied: another method than GET below them, without `policy.write`.
        """
        acts = request.path.startswith(QUEUE_PAGES) and request.method not in ("GET", "HEAD")
        if acts and not request.user.has_perm("governance.policy.write"):
            raise PermissionDenied


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    """One-time messages under /admin/."""
