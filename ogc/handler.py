"""How requests come in from a WSGI server: Django's handler, with requests that are always UTF-8."""

import re
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

# Also parameters with a charset of their own (RFC 2231), whose names end in a star.
_CHARSET = re.compile(r";.*(charset|\*)", re.IGNORECASE)
_BOUNDARY = re.compile(r';\s*boundary=("[^"]*"|[^;]*)', re.IGNORECASE)


class Utf8Request(WSGIRequest):
    """A request whose charset the client does not choose.

    Django decodes queries and forms by the charset of Content-Type, whatever Python knows under that name:
    with `charset=rot13` each look at a query would fail, and with a parameter in a charset that does not
    exist the request could not even be made.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        given = str(meta.get("CONTENT_TYPE", ""))
        if _CHARSET.search(given):
            boundary = _BOUNDARY.search(given)
            meta["CONTENT_TYPE"] = given.partition(";")[0] + (boundary[0] if boundary else "")
        super()._set_content_type_params(meta)  # type: ignore[misc]


class PlatformHandler(WSGIHandler):
    """The WSGI application; django.setup() comes first."""

    request_class = Utf8Request
