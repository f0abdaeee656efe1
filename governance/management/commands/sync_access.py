"""`manage.py sync_access`: make groups and permissions equal to the access matrix."""

from typing import Any

from governance.services import access_sync
from ogc.management.platform_command import PlatformCommand


class Command(PlatformCommand):
    """Runs after each `migrate` too; safe to repeat."""

    help = "Make the groups and permissions of the database equal to the access matrix."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync and say what changed."""
        changed = access_sync()
        self.stdout.write(
            f"{changed['roles']} roles, {changed['scopes']} scopes; "
            f"{changed['added']} grants added, {changed['removed']} removed"
        )
