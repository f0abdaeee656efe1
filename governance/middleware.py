"""Who changed a model, for django-auditlog: under a bearer token and in the admin site alike.

Differs from the library's middleware: the actor is asked for when a change is written (the API knows it only
inside the view), the address is the one that trusted proxies vouch for, and reading requests pass untouched.
"""

from collections.abc import Callable
from typing import Any

from auditlog.middleware import AuditlogMiddleware as LibraryMiddleware
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.selectors import user_pk
from ogc import context
from ogc.actors import Actor

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MASK = "***"


class AuditlogMiddleware(LibraryMiddleware):
    """Couples the changes of models in a writing request to its caller, address and correlation id."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.method in SAFE_METHODS:
            return self.get_response(request)
        return super().__call__(request)

    def get_extra_data(self, request: HttpRequest) -> dict[str, Any]:
        """Columns of the log entries of this request."""
        asked = context.current()
        return {"actor": SimpleLazyObject(_asker(request)), "remote_addr": asked.ip or None}


def correlation_id() -> str | None:
    """The id that the log entries of a request or job share (AUDITLOG_CID_GETTER)."""
    return context.current().correlation_id or None


def full_mask(value: str) -> str:
    """Nothing of a masked value is kept (AUDITLOG_MASK_CALLABLE)."""
    return MASK


def _asker(request: HttpRequest) -> Callable[[], Any]:
    def ask() -> Any:
        user = getattr(request, "user", None)
        if isinstance(user, Actor):
            return get_user_model()(pk=user_pk(user.user_id)) if user.user_id else None
        return user if user is not None and user.is_authenticated else None

    return ask
