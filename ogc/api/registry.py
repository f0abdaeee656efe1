"""Every endpoint of the platform, found in the URL configuration: what policies, the authorisation matrix and
`/governance/check` look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from ogc.api.endpoint import Endpoint
from ogc.api.views import ApiView

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Found:
    """One method of one path; `path` is the pattern below the root, such as "api/v1/wallet/transfer"."""

    method: str
    path: str
    action: str
    view: type[ApiView]
    declared: Endpoint


@lru_cache(maxsize=1)
def endpoints() -> tuple[Found, ...]:
    """All endpoints, in the order of the URL configuration."""
    return tuple(
        found
        for path, callback in _callbacks(get_resolver().url_patterns, "")
        for found in _methods(path, callback)
    )


def _callbacks(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _callbacks(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _methods(path: str, callback: Any) -> Iterator[Found]:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None or not issubclass(view, ApiView):
        return
    actions = getattr(callback, "actions", None) or {method: method for method in METHODS}
    for method, name in actions.items():
        declared = getattr(getattr(view, name, None), "endpoint", None)
        if declared is not None:
            app = view.__module__.split(".", 1)[0]
            action = declared.action or f"{app}.{view.__name__}.{name}"
            yield Found(method.upper(), path, action, view, declared)
