"""SQL of hot paths, compiled once per process and run many times.

The ORM spends more CPU on building the same statement again than the database spends on running it. The
statement still comes from the models and querysets, so it follows the schema; only the building is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

M = TypeVar("M", bound=models.Model)


def run(
    link: Any, sql: str, parameters: Sequence[Any] | Mapping[str, Any]
) -> tuple[Sequence[tuple[Any, ...]], int]:
    """Rows and new row number of one statement, by the shortest way that the database's wrapper has."""
    if link.vendor == "mysql":
        return link.run(sql, parameters)  # type: ignore[no-any-return]
    with link.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall(), int(cursor.lastrowid or 0)


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """What `values_list` names for rows that `instance_of` takes: all columns of a model."""
    return tuple(field.attname for field in model._meta.concrete_fields)


def instance_of(model: type[M], row: Sequence[Any]) -> M:
    """An instance as a queryset would give it, from the values of `columns_of` (more may follow them)."""
    names = columns_of(model)
    return model.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)])


class InsertStatement:
    """Multi-row INSERT of fixed fields of one model; of all but the row number when none is named."""

    def __init__(self, model: type[models.Model], *fields: str) -> None:
        self.model, self.fields = model, fields
        self._attributes: tuple[str, ...] = ()
        self._prepared: dict[str, tuple[str, str, list[Any]]] = {}

    def execute(self, rows: Sequence[Sequence[Any]]) -> int:
        """Insert the rows (values in field order, foreign keys as row numbers).

        Returns:
            The new row number, meaningful for a single row only.
        """
        link = connections[DEFAULT_DB_ALIAS]
        head, row_sql, adapters = self._prepared.get(link.vendor) or self._prepare()
        parameters = [
            value if adapt is None else adapt(value, link)
            for row in rows
            for adapt, value in zip(adapters, row, strict=True)
        ]
        return run(link, head + ", ".join([row_sql] * len(rows)), parameters)[1]

    def save(self, instance: models.Model) -> None:
        """Insert an instance that is new; it gets its row number. No signals are sent."""
        if not self._attributes:
            self._attributes = tuple(field.attname for field in self._fields())
        instance.pk = self.execute([[getattr(instance, name) for name in self._attributes]])
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS

    def _fields(self) -> list[Any]:
        every = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        return [self.model._meta.get_field(name) for name in self.fields] if self.fields else every

    def _prepare(self) -> tuple[str, str, list[Any]]:
        quote = connection.ops.quote_name
        fields = self._fields()
        columns = ", ".join(quote(field.column) for field in fields)
        # Only names of our own models stand in the text, values are bound.
        head = f"INSERT INTO {quote(self.model._meta.db_table)} ({columns}) VALUES "  # nosec B608
        adapters = [_adapter(field) for field in fields]
        prepared = (head, f"({', '.join(['%s'] * len(fields))})", adapters)
        self._prepared[connection.vendor] = prepared
        return prepared


_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _adapter(field: Any) -> Callable[[Any, Any], Any] | None:
    """From the field's values to the driver's; None where these are the same: texts, numbers and the like."""
    target = field.target_field if field.is_relation else field
    if isinstance(target, _PLAIN):
        return None
    return _instant_text if type(target) is models.DateTimeField else field.get_db_prep_save


def _instant_text(instant: datetime | None, link: Any) -> str | None:
    """An aware instant as both databases store it, in a fraction of the time of Django's way there."""
    return None if instant is None else instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _bound(value: Any) -> Any:
    return _instant_text(value, None) if isinstance(value, datetime) else value


class Slots:
    """Placeholders for a queryset factory; each stands for one parameter of the finished statement."""

    def __init__(self) -> None:
        self.names: dict[Any, str] = {}

    def text(self, name: str) -> str:
        """A placeholder that text fields take."""
        marker = f"\x02{name}\x03"
        self.names[marker] = name
        return marker

    def number(self, name: str) -> int:
        """A placeholder that integer fields and row numbers take."""
        marker = -(2**62) - len(self.names)
        self.names[marker] = name
        return marker

    def instant(self, name: str) -> datetime:
        """A placeholder that times take."""
        marker = datetime(1000, 1, 1, tzinfo=UTC) + timedelta(microseconds=len(self.names) + 1)
        self.names[_instant_text(marker, None)] = name
        return marker


class SelectStatement:
    """A `values_list` queryset whose SQL is built once; rows come back as tuples of Python values.

    Example:
        SelectStatement(lambda slots: Plan.objects.filter(slug=slots.text("slug")).values_list("id", "name"))
    """

    def __init__(self, build: Callable[[Slots], "models.QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._prepared: dict[str, tuple[str, list[tuple[str | None, Any]], Any, Any]] = {}

    def all(self, **values: Any) -> list[tuple[Any, ...]]:
        """All rows for these parameter values."""
        link = connections[DEFAULT_DB_ALIAS]
        sql, parameters, compiler, converters = self._prepared.get(link.vendor) or self._prepare()
        bound = [constant if name is None else _bound(values[name]) for name, constant in parameters]
        rows: Iterable[Any] = run(link, sql, bound)[0]
        if converters:
            rows = map(tuple, compiler.apply_converters(rows, converters))
        return list(rows)

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def _prepare(self) -> tuple[str, list[tuple[str | None, Any]], Any, Any]:
        slots = Slots()
        query = self._build(slots).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        named = [(slots.names.get(p), p) if isinstance(p, (str, int)) else (None, p) for p in parameters]
        converters = compiler.get_converters(
            [column[0] for column in compiler.select[: compiler.col_count or len(compiler.select)]]
        )
        prepared = (sql, named, compiler, converters)
        self._prepared[connection.vendor] = prepared
        return prepared
