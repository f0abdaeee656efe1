"""Django configuration of the accounts app."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Registers what accounts brings to the platform."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect reader sources, sweeps, and the first rows, without which nobody can exist or log in."""
        from accounts import (
            jobs,
            people,
            personal,
            plans,
            ports,
            revocations,
            selectors,
            service_tokens,
            signing_keys,
        )
        from accounts import receivers as receivers
        from accounts import signals as signals
        from accounts.services import exports
        from ogc import reader
        from ogc.health.probes import register_probe
        from ogc.jobs import Sweep, register_sweep

        reader.register_source("accounts.revocations", revocations.load)
        reader.register_source("accounts.service_tokens", service_tokens.load)
        reader.register_source("accounts.signing_keys", signing_keys.load)
        reader.register_source("accounts.plans", plans.load)
        register_probe("signing_key", signing_keys.probe, is_needed=True)
        register_sweep(
            Sweep(
                name="accounts.suspensions",
                due=selectors.suspensions_over,
                job=jobs.suspension_lift,
                next_due=selectors.next_suspension_end,
            )
        )
        register_sweep(
            Sweep(
                name="accounts.exports",
                due=people.exports_due,
                job=jobs.export_make,
                queue="bulk",
                key=exports.export_job_key,
            )
        )
        ports.register_personal_sections(*personal.SECTIONS)
        post_migrate.connect(_seed_first_rows, sender=self)


def _seed_first_rows(apps: Any = global_apps, **kwargs: Any) -> None:
    from accounts.services.seed import plans_seed
    from accounts.services.signing_keys import signing_key_ensure

    plans_seed()
    # The tables are those that the migration stopped at.
    if "signingkey" in apps.all_models["accounts"]:
        signing_key_ensure()
