"""Answers: bytes of JSON, made once."""

from typing import Any

import orjson
from django.http import HttpResponse

Body = dict[str, Any] | list[Any] | bytes


def json_response(body: Body, status: int = 200) -> HttpResponse:
    """JSON of plain values; bytes are taken as JSON already. Aware instants become ISO 8601 with Z."""
    data = body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return HttpResponse(data, status=status, content_type="application/json")


def ok(body: Body) -> HttpResponse:
    """200."""
    return json_response(body)


def created(body: Body) -> HttpResponse:
    """201."""
    return json_response(body, 201)


def accepted(body: Body) -> HttpResponse:
    """202: work goes on in the background."""
    return json_response(body, 202)


def no_content(status: int = 204) -> HttpResponse:
    """204, or 202 where even saying what was done would tell too much: no body, hence no type of one."""
    response = HttpResponse(status=status)
    del response["Content-Type"]
    return response
