"""Django configuration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers what accounts brings to the platform."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
