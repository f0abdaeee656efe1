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
_TAIL_BYTES = 300
"""More than a boundary, of which Django takes 201 characters."""
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
        ValidationFailed: JSON that is not an object; a form that is not whole or names a field twice; a body
            without its length, of which WSGI shows nothing.
    """
    content_type = _content_type(request)
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise ValidationFailed(message="Send the body with its length (Content-Length), not in chunks.")
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
    # Django itself reads forms of POST only, and takes what is cut off for a form without the rest.
    source = _Watched(request)
    fields, files = request.parse_file_upload(request.META, source)  # type: ignore[arg-type]
    request._post, request._files = fields, files  # type: ignore[attr-defined]
    if source.tail and not source.tail.rstrip().endswith(f"--{_boundary(request)}--".encode("latin-1")):
        raise MultiPartParserError
    repeated = {name for name in (*fields, *files) if len(fields.getlist(name) + files.getlist(name)) > 1}
    if repeated:
        raise ValidationFailed({name: [("repeated", "Send this field once.")] for name in repeated})
    return fields.dict() | {name: files[name] for name in files}


def _boundary(request: HttpRequest) -> str:
    return str((request.content_params or {}).get("boundary", ""))


class _Watched:
    """A stream that keeps the end of what was read from it."""

    def __init__(self, source: HttpRequest) -> None:
        self._source, self.tail = source, b""

    def read(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self.tail = (self.tail + chunk)[-_TAIL_BYTES:]
        return chunk
