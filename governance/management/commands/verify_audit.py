"""`manage.py verify_audit`: prove that the audit trail is whole."""

import json
from typing import Any

from django.core.management.base import CommandParser

from governance.services import audit_verify
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """Exits with 1 when a check is wrong."""

    help = "Check every record and seal of the audit trail, and the head outside the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json` prints `{ok, checks: [{name, status, detail}]}`."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and say what was found."""
        found = audit_verify()
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json()))
        else:
            for check in found.checks:
                self.stdout.write(f"{check.status:8} {check.name:10} {check.detail}".rstrip())
        if not found.ok:
            raise SystemExit(1)
