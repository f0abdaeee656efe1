"""Django configuration of the accounts app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Registers what accounts brings to the platform."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect reader sources, sweeps, and the plans, without which no user can exist."""
        from accounts import jobs, plans, revocations, selectors, service_tokens, signals  # noqa: F401
        from ogc import reader
        from ogc.jobs import Sweep, register_sweep

        reader.register_source("accounts.revocations", revocations.load)
        reader.register_source("accounts.service_tokens", service_tokens.load)
        reader.register_source("accounts.plans", plans.load)
        register_sweep(
            Sweep(
                name="accounts.suspensions",
                due=selectors.suspensions_over,
                job=jobs.suspension_lift,
                next_due=selectors.next_suspension_end,
            )
        )
        post_migrate.connect(_seed_plans, sender=self)


def _seed_plans(**kwargs: Any) -> None:
    from accounts.services.seed import plans_seed

    plans_seed()
