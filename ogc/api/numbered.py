"""Numbered pages with a count, for the few lists that people leaf through (admin users, audit).

Up to page `MAX_PAGE` only: an offset costs what it skips.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode

from ogc.api.fields import Int
from ogc.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from ogc.api.serializers import StrictSerializer

MAX_PAGE = 100


class NumberedQuery(StrictSerializer):
    """Query of a numbered list; lists add their filters."""

    page = Int(minimum=1, maximum=MAX_PAGE, required=False, default=1)
    page_size = Int(minimum=1, maximum=MAX_PAGE_SIZE, required=False, default=DEFAULT_PAGE_SIZE)


def numbered_page(
    request: Any, queryset: "QuerySet[Any, Any]", *, query: dict[str, Any], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """One page as `{count, results, next, previous}`, in two queries; a page past the end is empty.

    Args:
        queryset: ordered, the last field unique.
        query: validated `NumberedQuery`.
    """
    page, size = query["page"], query["page_size"]
    count = queryset.count()
    start = (page - 1) * size
    rows = queryset[start : start + size] if start < count else []
    has_next = start + size < count and page < MAX_PAGE
    return {
        "count": count,
        "results": [render(row) for row in rows],
        "next": _link(request, page + 1) if has_next else None,
        "previous": _link(request, page - 1) if page > 1 else None,
    }


def _link(request: Any, page: int) -> str:
    parameters = request.GET.dict() if hasattr(request, "GET") else request.query_params.dict()
    return f"{request.build_absolute_uri(request.path)}?{urlencode(parameters | {'page': page})}"
