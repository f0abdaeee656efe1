"""Django configuration of the challenges app."""

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Registers what challenges brings to the platform."""

    name = "challenges"
    default_auto_field = "django.db.models.BigAutoField"
