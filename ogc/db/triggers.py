"""Migration operations for database triggers, in the words of each database.

MySQL with the binary log on needs `log_bin_trust_function_creators` or SUPER to create triggers
(docs/operations.md; `manage.py doctor` checks it).
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class CreateTrigger(Operation):
    """Create one trigger; reversible. Bodies are the statements between BEGIN and END."""

    reversible = True

    def __init__(self, *, name: str, table: str, when: str, sqlite: str, mysql: str) -> None:
        self.name, self.table, self.when, self.sqlite, self.mysql = name, table, when, sqlite, mysql

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Constructor arguments, for the migration writer."""
        names = ("name", "table", "when", "sqlite", "mysql")
        return type(self).__name__, [], {name: getattr(self, name) for name in names}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Triggers are not part of the model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Create the trigger on this database."""
        body = self.mysql if schema_editor.connection.vendor == "mysql" else self.sqlite
        schema_editor.execute(
            f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH ROW BEGIN {body} END",
            params=None,
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop it."""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name}", params=None)

    def describe(self) -> str:
        """One line for `migrate`."""
        return f"Create trigger {self.name}"


class DropTrigger(CreateTrigger):
    """Drop a trigger that an earlier migration created; reversing creates it again."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop it."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Create it as it was."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """One line for `migrate`."""
        return f"Drop trigger {self.name}"


def append_only(table: str) -> list[CreateTrigger]:
    """Operations that make a table refuse every UPDATE and DELETE, whoever asks."""
    operations = []
    for verb in ("UPDATE", "DELETE"):
        message = f"{table} is append-only"
        operations.append(
            CreateTrigger(
                name=f"{table}_no_{verb.lower()}",
                table=table,
                when=f"BEFORE {verb}",
                sqlite=f"SELECT RAISE(ABORT, '{message}');",
                mysql=f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}';",
            )
        )
    return operations
