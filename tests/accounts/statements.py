"""What a call asked of the database, without the values."""

import re
from collections.abc import Callable, Iterable

from django.db import connection
from django.test.utils import CaptureQueriesContext

_VALUES = re.compile(r"'[^']*'|\b\d+\b|[\"`]s\d+_x\d+[\"`]|x'[0-9a-f]*'|\.\d+")


def statements_of(queries: Iterable[dict[str, str]]) -> list[str]:
    """Each statement with its values replaced, so that two calls can be compared."""
    return [_VALUES.sub("?", query["sql"]) for query in queries]


def whole_call(call: Callable[[], object]) -> list[str]:
    """The statements of a call, with those that begin and end its transactions."""
    with CaptureQueriesContext(connection) as queries:
        call()
    return statements_of(queries)
