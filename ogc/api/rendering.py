"""DRF's parser and renderer, for libraries that ask for them; our views use `ogc.api.responses`."""

from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer


class JsonRenderer(BaseRenderer):
    """JSON by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Bytes of plain values."""
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class JsonParser(JSONParser):
    """Strict JSON (no NaN)."""

    strict = True


class LenientNegotiation(DefaultContentNegotiation):
    """An Accept header that nothing here meets gets the first form (RFC 9110, 12.5.1), not a 406."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The renderer and its media type."""
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
