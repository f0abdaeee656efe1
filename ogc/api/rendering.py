"""DRF's parser and renderer, for libraries that ask for them; our views use `ogc.api.responses`."""

from typing import Any

import orjson
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
