"""Django configuration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers what analytics brings to the platform."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
