"""System checks of the plumbing."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from ogc.ports import Port


def ports_are_filled(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every port has an implementation, else the start fails."""
    return [
        Error(
            f"The port {name} is empty.",
            hint="The app that fills it must do so in AppConfig.ready().",
            id="ogc.E001",
        )
        for name, port in sorted(Port.registry.items())
        if not port.is_filled
    ]


def register_all() -> None:
    """Register the checks with Django."""
    register(ports_are_filled, Tags.compatibility)
