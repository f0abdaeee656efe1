"""Rate limits: django-ratelimit counts, this module names who is counted and tells the client.

Signed-in callers are counted by user over all calls of a rate; everybody else by address and endpoint.
Without Redis the limits are skipped, except those of CRITICAL, which go on counting in each process.
Source of the headers: draft-ietf-httpapi-ratelimit-headers.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django_ratelimit.core import get_usage

from ogc import context
from ogc.actors import Actor
from ogc.api.endpoint import Endpoint
from ogc.errors import RateLimited
from ogc.rates import parse_rate

CRITICAL = frozenset({"login", "login_account", "login_ip", "reset", "mfa", "money"})

_plan_factors: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a caller stands in the current window."""

    limit: int
    remaining: int
    reset_seconds: int


def set_plan_factors(factors: dict[str, int]) -> None:
    """Multiples of the default rate by plan slug; called by the reader."""
    _plan_factors.clear()
    _plan_factors.update(factors)


def take(declared: Endpoint, request: HttpRequest, actor: Actor, view: Any) -> Usage | None:
    """Count this call.

    Raises:
        RateLimited: over the limit, with `details.retry_after` and, as `usage`, what the headers say.
    """
    if declared.rate is None:
        return None
    if actor.is_authenticated:
        factor = _plan_factors.get(actor.plan, 1) if declared.rate == "default" else 1
        return count(request, declared.rate, actor.key, factor=factor)
    endpoint = f"{type(view).__module__}.{type(view).__name__}"
    return count(request, declared.rate, f"{context.current().ip}:{endpoint}")


def count(request: HttpRequest, rate: str, who: str, *, factor: int = 1) -> Usage | None:
    """Count one call of `who` under the setting RATE_<RATE>; None when it is off or can't be counted.

    Raises:
        RateLimited: over the limit.
    """
    allowed = rate_times(getattr(settings, f"RATE_{rate.upper()}"), factor)
    if allowed is None:
        return None
    usage = get_usage(request, group=f"ogc.{rate}", key=lambda *_: who, rate=allowed, increment=True)
    if usage is None or (rate not in CRITICAL and caches["rates"].is_local):  # type: ignore[attr-defined]
        return None
    limit, seconds = usage["limit"], max(int(usage["time_left"]), 1)
    standing = Usage(limit, max(limit - usage["count"], 0), seconds)
    if usage["count"] > limit:
        error = RateLimited(retry_after=seconds)
        error.usage = standing  # type: ignore[attr-defined]
        raise error
    return standing


@lru_cache(maxsize=64)
def rate_times(setting: str, factor: int) -> tuple[int, int] | None:
    """A setting times a factor as django-ratelimit takes it without reading a text: calls, seconds."""
    rate = parse_rate(setting)
    return None if rate is None else (rate.count * factor, rate.seconds)


def add_headers(response: HttpResponse, usage: Usage) -> None:
    """Tell the client where it stands."""
    headers = response.headers
    headers["RateLimit-Limit"] = str(usage.limit)
    headers["RateLimit-Remaining"] = str(usage.remaining)
    headers["RateLimit-Reset"] = str(usage.reset_seconds)
