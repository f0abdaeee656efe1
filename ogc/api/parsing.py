"""Reading bodies: JSON objects, and forms with files where an endpoint takes them."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from ogc.errors import (
    FileTooLarge,
    MalformedJson,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
)

FORM = "multipart/form-data"
FORM_OVERHEAD_BYTES = 65_536
"""What a form may hold besides its files."""


def is_form(request: HttpRequest) -> bool:
    """Whether the body says that it is a form with files."""
    return _content_type(request) == FORM


def _content_type(request: HttpRequest) -> str:
    return str(request.META.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def parse_body(request: HttpRequest, *, multipart: bool, file_bytes: int = 0) -> dict[str, Any]:
    """The body as a mapping; an empty body is an empty mapping.

    Args:
        multipart: forms are taken too.
        file_bytes: how large the files of a form may be together; 0: no limit of this call.

    Raises:
        MalformedJson, UnsupportedMediaType, PayloadTooLarge, FileTooLarge: as they say.
        ValidationFailed: JSON that is not an object.
    """
    content_type = _content_type(request)
    try:
        if multipart and content_type == FORM:
            return _parse_form(request, file_bytes)
        raw = request.body
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise PayloadTooLarge from None
    except (MultiPartParserError, UnreadablePostError):
        raise ValidationFailed(message="The form is not well formed.") from None
    if not raw:
        return {}
    if content_type != "application/json":
        raise UnsupportedMediaType
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedJson from None
    if not isinstance(body, dict):
        raise ValidationFailed({"body": [("invalid", "The body must be a JSON object.")]})
    return body


def _parse_form(request: HttpRequest, file_bytes: int) -> dict[str, Any]:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if file_bytes and length.isdigit() and int(length) > file_bytes + FORM_OVERHEAD_BYTES:
        raise FileTooLarge(limit_bytes=file_bytes)
    if request.method != "POST":
        # Django itself reads forms of POST only.
        request._post, request._files = request.parse_file_upload(request.META, request)  # type: ignore[attr-defined]
    return request.POST.dict() | {name: request.FILES[name] for name in request.FILES}
