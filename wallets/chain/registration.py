"""What the chain engine brings to the platform; called by the app when it is ready."""

from ogc.health.probes import register_probe
from ogc.jobs import Sweep, register_sweep
from wallets.chain.jobs import QUEUE, lane, lane_key
from wallets.chain.lane import signers_due
from wallets.chain.reconcile import hot_wallet_check
from wallets.chain.status import identity_probe, probe
from wallets.ports import payout_check
from wallets.services.reconciliation import register_check
from wallets.services.withdrawals import default_payout_check


def register() -> None:
    """The sweep of the lane, what /readyz and `reconcile` ask, and the default of `payout_check`."""
    register_sweep(Sweep(name="chain-lane", due=signers_due, job=lane, queue=QUEUE, key=lane_key, lane=True))
    # Without the node requests are taken and wait; on another chain nothing may go on.
    register_probe("chain", probe, is_needed=False)
    register_probe("chain_identity", identity_probe, is_needed=True)
    register_check("onchain_hot_equals_chain", hot_wallet_check)
    if not payout_check.is_filled:
        payout_check.fill(default_payout_check)
