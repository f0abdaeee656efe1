"""From errors to answers: the one table from kind to HTTP status, and the envelope."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf

from ogc.api.responses import json_response
from ogc.errors import (
    DomainError,
    ErrorKind,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from ogc.seal import SealBroken

log = logging.getLogger(__name__)

STATUS = {
    ErrorKind.INVALID: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.PAYMENT: 402,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.METHOD: 405,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNSUPPORTED: 415,
    ErrorKind.UNPROCESSABLE: 422,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.UNAVAILABLE: 503,
}


def envelope(code: str, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of every error."""
    return {"error": {"code": code, "message": message, "details": details or {}}}


def render_error(error: DomainError) -> HttpResponse:
    """The answer to a domain error."""
    response = json_response(envelope(error.code, error.text, error.details), STATUS[error.kind])
    if error.kind in (ErrorKind.RATE_LIMITED, ErrorKind.UNAVAILABLE):
        response["Retry-After"] = str(error.details.get("retry_after", 1))
    if error.kind is ErrorKind.UNAUTHENTICATED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def handle(error: Exception, context: dict[str, Any] | None = None) -> HttpResponse:
    """The answer to whatever a view raised; 500 shows nothing and is logged with its trace."""
    return render_error(as_domain_error(error)) if is_expected(error) else unexpected(error)


def is_expected(error: Exception) -> bool:
    """Whether this error has an answer in the contract."""
    return isinstance(error, (DomainError, *_TRANSLATIONS, drf.ValidationError))


def unexpected(error: Exception) -> HttpResponse:
    """500 with nothing in it; the log has the trace."""
    log.error("unexpected error", exc_info=error)
    return json_response(envelope("INTERNAL_ERROR", "Something went wrong on our side."), 500)


_TRANSLATIONS: dict[type[Exception], type[DomainError]] = {
    Http404: NotFound,
    drf.NotFound: NotFound,
    drf.ParseError: MalformedJson,
    drf.MethodNotAllowed: MethodNotAllowed,
    drf.UnsupportedMediaType: UnsupportedMediaType,
    RequestDataTooBig: PayloadTooLarge,
    TooManyFieldsSent: PayloadTooLarge,
    OperationalError: ServiceUnavailable,
    InterfaceError: ServiceUnavailable,
    SealBroken: ServiceUnavailable,
}


def as_domain_error(error: Exception) -> DomainError:
    """The contract's words for an expected error of a library."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, drf.ValidationError):
        return ValidationFailed(flatten(error.get_full_details()))
    if isinstance(error, DatabaseError):
        log.error("database unavailable", exc_info=error)
    if isinstance(error, SealBroken):
        log.error("a stored secret does not open: is a key missing in SECRETS_KEYS?", exc_info=error)
    return next(ours for theirs, ours in _TRANSLATIONS.items() if isinstance(error, theirs))()


def flatten(details: Any, prefix: str = "") -> dict[str, list[tuple[str, str]]]:
    """DRF's nested error details as field path → list of (code, message); the body itself is "body"."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        return {prefix or "body": [(str(details["code"]), str(details["message"]))]}
    if isinstance(details, dict):
        pairs = [(str(name), value) for name, value in details.items()]
    else:
        leaves = all(isinstance(item, dict) and "message" in item and "code" in item for item in details)
        pairs = [("" if leaves else str(index), item) for index, item in enumerate(details)]
    fields: dict[str, list[tuple[str, str]]] = {}
    for name, value in pairs:
        name = "" if name == "non_field_errors" else name
        for field, problems in flatten(value, ".".join(filter(None, (prefix, name)))).items():
            fields.setdefault(field, []).extend(problems)
    return fields


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return render_error(NotFound())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: a request that Django itself refused."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent)):
        return render_error(PayloadTooLarge())
    return render_error(ValidationFailed(message="The request is not well formed."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: an error outside the API's views."""
    return json_response(envelope("INTERNAL_ERROR", "Something went wrong on our side."), 500)
