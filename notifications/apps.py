"""Django configuration of the notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers what notifications brings to the platform."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
