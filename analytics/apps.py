"""Django configuration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers what analytics brings to the platform."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the consumer of domain events."""
        from accounts.ports import register_personal_sections
        from analytics import personal
        from analytics import receivers as receivers

        register_personal_sections(*personal.SECTIONS)
