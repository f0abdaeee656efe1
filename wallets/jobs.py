"""Entry points of background work on the ledger."""

from ogc.jobs import job
from wallets.services.rewards import reward_release


@job
def reward_release_due(transaction_pk: int) -> None:
    """Release a reward whose hold is over."""
    reward_release(transaction_pk=transaction_pk)
