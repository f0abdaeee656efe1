"""The chain engine: everything that speaks to the EVM node.

Owns: RPC transport, signers, the sender lane, the indexer, finality, contracts, the on-chain side of
reconcile.
Not here: what a withdrawal means for the ledger (services/withdrawals.py).
Rule: no call in this package is made inside a database transaction.
"""

from django.utils.module_loading import import_string


def health() -> dict[str, object]:
    """State of the chain for /readyz: {status: ok|wrong|off, time_ms, message}. One short RPC round trip.

    Resolved by name on call, so that tools which only need the contracts load no models.
    """
    report: dict[str, object] = import_string("wallets.chain.status.health")()
    return report
