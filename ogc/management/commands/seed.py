"""Create what a platform needs before its first visitor; safe to repeat."""

from importlib import import_module
from typing import Any

from django.conf import settings

from ogc import reader
from ogc.management.platform_command import PlatformCommand

APPS = ("accounts", "governance", "wallets", "challenges", "notifications", "analytics")


class Command(PlatformCommand):
    """Runs `services.seed.seed` of each app, then, with DEBUG, `seed_demo` of each."""

    help = "Create plans, roles, genesis, pools, badges, templates; with DEBUG people and challenges."

    def handle(self, *args: Any, **options: Any) -> None:
        """Each part commits by itself, so an interrupted seed is simply run again."""
        reader.refresh()
        modules = {app: import_module(f"{app}.services.seed") for app in APPS}
        for app, module in modules.items():
            module.seed(debug=settings.DEBUG)
            self.stdout.write(f"seeded {app}")
        if settings.DEBUG:
            for app, module in modules.items():
                if hasattr(module, "seed_demo"):
                    module.seed_demo()
                    self.stdout.write(f"seeded {app} for the local run")
