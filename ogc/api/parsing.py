"""Reading bodies: JSON objects, and forms with files where an endpoint takes them."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from ogc.errors import MalformedJson, PayloadTooLarge, UnsupportedMediaType, ValidationFailed


def parse_body(request: HttpRequest, *, multipart: bool) -> dict[str, Any]:
    """The body as a mapping; an empty body is an empty mapping.

    Raises:
        MalformedJson, UnsupportedMediaType, PayloadTooLarge: as they say.
        ValidationFailed: JSON that is not an object.
    """
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    try:
        if multipart and content_type == "multipart/form-data":
            return request.POST.dict() | {name: request.FILES[name] for name in request.FILES}
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
