"""Django configuration of the wallets app."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Registers what wallets brings to the platform."""

    name = "wallets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ports of the apps below."""
        from accounts import ports as accounts_ports
        from governance import ports as governance_ports
        from wallets.chain import registration
        from wallets.services.wallets import user_wallet_freeze, user_wallet_release, wallet_open

        registration.register()
        accounts_ports.open_wallet.fill(wallet_open)
        governance_ports.freeze_wallet.fill(user_wallet_freeze)
        governance_ports.release_wallet.fill(user_wallet_release)
