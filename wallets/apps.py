"""Django configuration of the wallets app."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Registers what wallets brings to the platform."""

    name = "wallets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ports of the apps below; say which rows stand for work."""
        from accounts import ports as accounts_ports
        from accounts.ports import register_personal_sections
        from governance import ports as governance_ports
        from ogc.jobs import Sweep, register_sweep
        from wallets import personal, receivers, staff
        from wallets.chain import registration
        from wallets.chain.signatures import contract_signature_is_valid
        from wallets.jobs import hold_expire_due, liability_proof_build, reward_release_due
        from wallets.selectors.holds import holds_due, next_expiry_at
        from wallets.selectors.liability_proofs import proofs_due
        from wallets.selectors.rewards import next_release_at, rewards_due
        from wallets.selectors.wallets import address_owner
        from wallets.services import checkouts
        from wallets.services.addresses import user_address_unlink
        from wallets.services.closing import wallet_close, wallet_obligations
        from wallets.services.wallets import (
            user_wallet_freeze,
            user_wallet_hold,
            user_wallet_release,
            wallet_open,
        )

        assert receivers
        registration.register()
        staff.register()
        register_sweep(
            Sweep(name="wallets.rewards", due=rewards_due, job=reward_release_due, next_due=next_release_at)
        )
        register_sweep(
            Sweep(name="wallets.holds", due=holds_due, job=hold_expire_due, next_due=next_expiry_at)
        )
        register_sweep(Sweep(name="wallets.proofs", due=proofs_due, job=liability_proof_build, queue="bulk"))
        accounts_ports.open_wallet.fill(wallet_open)
        accounts_ports.hold_wallet.fill(user_wallet_hold)
        accounts_ports.register_closing(
            accounts_ports.Closing(app=self.name, obligations=wallet_obligations, close=wallet_close)
        )
        accounts_ports.address_owner.fill(address_owner)
        accounts_ports.unlink_address.fill(user_address_unlink)
        accounts_ports.contract_signature_is_valid.fill(contract_signature_is_valid)
        accounts_ports.token_checkout_hold.fill(checkouts.token_checkout_hold)
        accounts_ports.token_checkout_settle.fill(checkouts.token_checkout_settle)
        accounts_ports.token_checkout_void.fill(checkouts.token_checkout_void)
        accounts_ports.token_refund.fill(checkouts.token_refund)
        governance_ports.freeze_wallet.fill(user_wallet_freeze)
        governance_ports.release_wallet.fill(user_wallet_release)
        register_personal_sections(*personal.SECTIONS)
