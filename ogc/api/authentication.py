"""Who is calling; accounts says how a token is checked, without a query."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from ogc.actors import ANONYMOUS, Actor


@lru_cache(maxsize=1)
def _authenticator() -> Any:
    return import_string(settings.BEARER_AUTHENTICATION)()


def authenticate(request: HttpRequest) -> Actor:
    """The caller; anonymous when no credentials were sent.

    Raises:
        TokenInvalid, TokenExpired, AccountDisabled: the credentials that were sent are refused, even where
            none are needed.
    """
    if "HTTP_AUTHORIZATION" not in request.META:
        return ANONYMOUS
    found = _authenticator().authenticate(request)
    return found[0] if found else ANONYMOUS


def anonymous() -> Actor:
    """What DRF takes for nobody."""
    return ANONYMOUS
