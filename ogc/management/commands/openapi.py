"""Write the OpenAPI document, or check that the kept one is current."""

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from ogc.settings.environment import ROOT

KEPT = ROOT / "docs" / "openapi.yaml"


class Command(BaseCommand):
    """`openapi` writes docs/openapi.yaml, `openapi --check` fails when it differs from the code."""

    help = "Write docs/openapi.yaml; with --check only compare."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check`."""
        parser.add_argument("--check", action="store_true", help="only compare, fail on a difference")
        parser.add_argument("--file", type=Path, default=KEPT, help="default docs/openapi.yaml")

    def handle(self, *args: Any, check: bool, file: Path, **options: Any) -> None:
        """Raises CommandError when the document is invalid, warns, or differs."""
        text = self._document()
        if check:
            if not file.exists() or file.read_text() != text:
                raise CommandError(f"{file.name} is not what the code says: run `make openapi`.")
            self.stdout.write("The OpenAPI document is current.")
            return
        file.write_text(text)
        self.stdout.write(f"wrote {file.name}")

    def _document(self) -> str:
        document = SchemaGenerator().get_schema(request=None, public=True)
        if GENERATOR_STATS:
            GENERATOR_STATS.emit_summary()
            raise CommandError("The document could not be generated without warnings.")
        validate_schema(document)
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
