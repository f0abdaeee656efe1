"""What a call asked of the database, without the values."""

import re
from collections.abc import Callable, Iterable

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Random bytes may hold quotes, which stand escaped in the text.
_TEXT = r"(?:_binary |[xX])?'(?:[^'\\]|\\.|'')*'"
_VALUES = re.compile(rf"{_TEXT}|\b\d+\b|[\"`]s\d+_x\d+[\"`]|\.\d+", re.DOTALL)


def statements_of(queries: Iterable[dict[str, str]]) -> list[str]:
    """Each statement with its values replaced, so that two calls can be compared."""
    return [_VALUES.sub("?", query["sql"]) for query in queries]


def whole_call(call: Callable[[], object]) -> list[str]:
    """The statements of a call, with those that begin and end its transactions."""
    with CaptureQueriesContext(connection) as queries:
        call()
    return statements_of(queries)
