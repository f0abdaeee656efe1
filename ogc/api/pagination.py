"""Keyset pages: the cost of a page does not grow with its depth, and rows that come or go shift nothing.

A cursor is sealed (`ogc.seal`): it tells nothing, and opens only for the list, the filters and the ordering
it was made for.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from ogc.db.statements import SelectStatement
from ogc.errors import CursorInvalid, ValidationFailed
from ogc.seal import SealBroken, seal, unseal

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
PURPOSE = "cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts: after (or before) the row with these ordering values."""

    values: tuple[Any, ...] = ()
    is_backward: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the client asks of a list: how many rows, and from where; `binding` ties cursors to this list."""

    size: int
    cursor: Cursor
    binding: bytes

    @property
    def is_first(self) -> bool:
        """Whether nothing comes before this page."""
        return not self.cursor.values


def read_page_request(request: Any, *, name: str, order: Sequence[str], filters: Any = None) -> PageRequest:
    """The page that a request asks for.

    Raises:
        ValidationFailed: page_size is not 1 to 100.
        CursorInvalid: the cursor is not ours, or of another list, filter or ordering.
    """
    query = request.GET if isinstance(request, HttpRequest) else request._request.GET
    binding = orjson.dumps([name, list(order), filters], default=str, option=orjson.OPT_SORT_KEYS)
    text = query.get("cursor")
    return PageRequest(
        _page_size(query.get("page_size")), _open(text, binding) if text else Cursor(), binding
    )


def keyset_page(
    request: Any,
    queryset: "QuerySet[Any, Any] | Callable[[], QuerySet[Any, Any]]",
    *,
    name: str,
    order: Sequence[str] = ("-created_at", "-id"),
    filters: Any = None,
    render: Callable[[Any], Any],
) -> dict[str, Any]:
    """One page of a queryset as `{results, next, previous}`, in one query.

    Args:
        queryset: or, for a hot list, a function that makes one of `.values(…)`, narrowed by `filters` alone:
            then the SQL of the first page without filters is compiled once per process.
        name: unique name of the list; cursors of other lists are refused.
        order: field names with "-" for descending; all in one direction, the last one unique.
        filters: whatever narrowed the queryset (plain values), so that cursors follow it.
        render: from a row (instance, or dict of `.values()`) to its JSON value.
    """
    page = read_page_request(request, name=name, order=order, filters=filters)
    fields = [field.lstrip("-") for field in order]
    if len({field.startswith("-") for field in order}) != 1:
        raise ValueError("all ordering fields of a keyset page go in one direction")
    descending = order[0].startswith("-") != page.cursor.is_backward
    ordering = tuple(f"-{field}" if descending else field for field in fields)
    if callable(queryset) and page.is_first and not filters:
        rows = _first_page(name, ordering, page.size, queryset)
    else:
        found = queryset() if callable(queryset) else queryset
        if not page.is_first:
            found = found.filter(_beyond(fields, page.cursor.values, descending))
        rows = list(found.order_by(*ordering)[: page.size + 1])
    return page_body(
        request, page, rows, key=lambda row: tuple(_get(row, field) for field in fields), render=render
    )


_first_pages: dict[tuple[str, tuple[str, ...], int], tuple[list[str], SelectStatement]] = {}


def _first_page(
    name: str, ordering: tuple[str, ...], size: int, make: Callable[[], "QuerySet[Any, Any]"]
) -> list[dict[str, Any]]:
    key = (name, ordering, size)
    if key not in _first_pages:
        page = make().order_by(*ordering)[: size + 1]
        _first_pages[key] = (list(page.query.values_select), SelectStatement(lambda slots: page))
    columns, statement = _first_pages[key]
    return [dict(zip(columns, row, strict=True)) for row in statement.all()]


def page_body(
    request: Any,
    page: PageRequest,
    rows: list[Any],
    *,
    key: Callable[[Any], tuple[Any, ...]],
    render: Callable[[Any], Any],
) -> dict[str, Any]:
    """The body of a page from up to size + 1 rows, read in the direction of the cursor."""
    has_more = len(rows) > page.size
    rows = rows[: page.size]
    if page.cursor.is_backward:
        rows.reverse()
    after = has_more or page.cursor.is_backward
    before = (has_more and page.cursor.is_backward) or (not page.is_first and not page.cursor.is_backward)
    return {
        "results": [render(row) for row in rows],
        "next": _link(request, page, key(rows[-1]), is_backward=False) if rows and after else None,
        "previous": _link(request, page, key(rows[0]), is_backward=True) if rows and before else None,
    }


def _page_size(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE_SIZE
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MAX_PAGE_SIZE and len(text) <= 3:
        return int(text)
    raise ValidationFailed({"page_size": [("bounds", f"This must be between 1 and {MAX_PAGE_SIZE}.")]})


def _beyond(fields: Iterable[str], values: Sequence[Any], descending: bool) -> Q:
    operator = "lt" if descending else "gt"
    condition, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        condition |= equal & Q(**{f"{field}__{operator}": value})
        equal &= Q(**{field: value})
    return condition


def _get(row: Any, field: str) -> Any:
    if isinstance(row, dict):
        return row[field]
    for part in field.split("__"):
        row = getattr(row, part)
    return row


def _link(request: Any, page: PageRequest, values: tuple[Any, ...], *, is_backward: bool) -> str:
    plain = orjson.dumps([is_backward, [_tag(value) for value in values]])
    token = base64.urlsafe_b64encode(seal(PURPOSE, plain, page.binding)).rstrip(b"=").decode()
    http = request if isinstance(request, HttpRequest) else request._request
    parameters = http.GET.dict() | {"cursor": token}
    return f"{http.build_absolute_uri(http.path)}?{urlencode(parameters)}"


def _tag(value: Any) -> Any:
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _untag(value: Any) -> Any:
    return datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value


def _open(text: str, binding: bytes) -> Cursor:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        is_backward, values = orjson.loads(unseal(PURPOSE, sealed, binding))
    except (SealBroken, binascii.Error, ValueError):
        raise CursorInvalid from None
    return Cursor(tuple(_untag(value) for value in values), is_backward)
