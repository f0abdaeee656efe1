"""Reading what a table holds of one person, for the export of personal data.

Pages by row number, so that memory stays the same whatever there is: MySQL's client would keep all rows of
one long query.
"""

from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q

PAGE_ROWS = 500

Rows = Callable[[Any], Iterator[dict[str, Any]]]
Column = str | tuple[str, Callable[[Any], Any]]


def rows_of(model: type[Model], /, *people: str, **columns: Column) -> Rows:
    """A reader of the rows of a table that belong to a person.

    Args:
        people: lookups that lead from a row to the person; one that matches is enough.
        columns: name in the export → lookup, or a lookup and what makes its value plain.
    """
    sources = [column if isinstance(column, str) else column[0] for column in columns.values()]
    plain = [None if isinstance(column, str) else column[1] for column in columns.values()]

    def read(person: Any) -> Iterator[dict[str, Any]]:
        theirs = model._default_manager.filter(reduce(or_, (Q(**{lookup: person}) for lookup in people)))
        last = 0
        while page := list(theirs.filter(pk__gt=last).order_by("pk").values_list("pk", *sources)[:PAGE_ROWS]):
            for _, *values in page:
                yield {
                    name: value if convert is None or value is None else convert(value)
                    for name, value, convert in zip(columns, values, plain, strict=True)
                }
            last = page[-1][0]

    return read
