"""Django configuration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers what analytics brings to the platform."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the consumer of domain events."""
        from analytics import receivers  # noqa: F401
