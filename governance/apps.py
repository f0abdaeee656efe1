"""Django configuration of the governance app."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Registers what governance brings to the platform."""

    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"
