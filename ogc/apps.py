"""Django configuration of the project's own app: the plumbing and its few tables."""

from django.apps import AppConfig


class OgcConfig(AppConfig):
    """Registers system checks and the clock's reader source."""

    name = "ogc"
    verbose_name = "Platform"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what the plumbing itself brings."""
        from ogc import checks, clock_source, reader

        checks.register_all()
        reader.register_source("clock", clock_source.load)
