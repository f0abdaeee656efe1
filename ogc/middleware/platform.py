"""The outermost layer: request id, client address, correlation, security headers, one log line.

Source of the headers: OWASP Secure Headers Project; ASVS 5.0, V3.4.
"""

import logging
import re
import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from ogc import context
from ogc.api.errors import bad_request
from ogc.health.counters import REQUEST_SECONDS, REQUESTS
from ogc.ids import uuid7

log = logging.getLogger("ogc.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
ADMIN_PREFIX = "/admin/"
STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# The admin theme needs eval (Alpine) and inline styles; Swagger UI needs its own scripts and inline styles.
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Also over plain HTTP, where browsers pass it over: whoever ends TLS before us need not add it.
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains; preload"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def request_id_of(given: str) -> str:
    """The client's request id when it is well formed, else one of ours."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid7()


class PlatformMiddleware:
    """Gives each request its context and each answer its headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        started = time.perf_counter()
        meta = request.META
        request_id = request_id_of(meta.get("HTTP_X_REQUEST_ID", ""))
        token = context.enter(
            context.RequestContext(
                request_id=request_id,
                correlation_id=request_id,
                ip=client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")),
                user_agent=meta.get("HTTP_USER_AGENT", "")[:200],
            )
        )
        try:
            response = self.get_response(request)
            self._add_headers(request, response, request_id)
            self._account(request, response, time.perf_counter() - started)
            return response
        finally:
            context.leave(token)

    def _add_headers(self, request: HttpRequest, response: HttpResponse, request_id: str) -> None:
        headers = response.headers
        headers["X-Request-ID"] = request_id
        headers["Permissions-Policy"] = PERMISSIONS_POLICY
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        if request.path.startswith(ADMIN_PREFIX):
            headers["Content-Security-Policy"] = ADMIN_POLICY
        elif request.path == "/api/v1/docs":
            headers["Content-Security-Policy"] = DOCS_POLICY
        else:
            headers["Content-Security-Policy"] = STRICT_POLICY

    def _account(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        # The method is the client's word: as a label it must not grow without bounds.
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, response.status_code).inc()
        REQUEST_SECONDS.observe(seconds)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "ms": round(seconds * 1000, 1),
                },
            )


class KnownHostMiddleware:
    """Answers only requests to ALLOWED_HOSTS, since links in answers carry the host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse an unknown host here: an error that went up would show Django's own page with DEBUG."""
        try:
            request.get_host()
        except DisallowedHost as error:
            return bad_request(request, error)
        return self.get_response(request)


def client_address(peer: str, forwarded_for: str) -> str:
    """The address of the client: the peer, unless the peer is a trusted proxy, then the nearest untrusted
    hop.

    Args:
        peer: the connection's address.
        forwarded_for: X-Forwarded-For as received; its left parts are the client's own words.
    """
    if not settings.TRUSTED_PROXIES or not _is_trusted(peer):
        return peer
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    for hop in reversed(hops):
        if not _is_address(hop):
            return peer
        if not _is_trusted(hop):
            return hop
    return hops[0] if hops else peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in settings.TRUSTED_PROXIES)
