"""Django configuration of the wallets app."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Registers what wallets brings to the platform."""

    name = "wallets"
    default_auto_field = "django.db.models.BigAutoField"
