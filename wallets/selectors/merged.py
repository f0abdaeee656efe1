"""Several ordered ranges of one table, merged by the database, compiled once."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ogc.db.statements import SelectStatement, Slots


class MergedSelect(SelectStatement):
    """UNION ALL of `values_list` querysets of the same columns, each ordered and limited by itself.

    The ORM can't say this on SQLite (it knows no ORDER BY inside a compound); a derived table around each
    part is understood everywhere, and lets each part walk its own index.

    Args:
        builds: the parts; a row is in one of them at most.
        order: positions of the ordering columns, from 1.
        is_descending: direction of all of them.
        limit: rows of the whole.
    """

    def __init__(
        self,
        builds: "Sequence[Callable[[Slots], QuerySet[Any, Any]]]",
        *,
        order: Sequence[int],
        is_descending: bool,
        limit: int,
    ) -> None:
        super().__init__(builds[0])
        self._builds = builds
        direction = " DESC" if is_descending else ""
        self._tail = f" ORDER BY {', '.join(f'{position}{direction}' for position in order)} LIMIT {limit}"

    def _prepare(self) -> tuple[str, list[tuple[str | None, Any]], Any, Any]:
        parts, named = [], []
        compiler = converters = None
        for number, build in enumerate(self._builds):
            slots = Slots()
            compiler = build(slots).query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql(with_col_aliases=True)
            parts.append(f"SELECT * FROM ({sql}) part{number}")
            named += [(slots.names.get(p), p) if isinstance(p, (str, int)) else (None, p) for p in parameters]
            columns = compiler.select[: compiler.col_count or len(compiler.select)]
            converters = compiler.get_converters([column[0] for column in columns])
        prepared = (" UNION ALL ".join(parts) + self._tail, named, compiler, converters)
        self._prepared[connection.vendor] = prepared
        return prepared
