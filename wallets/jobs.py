"""Entry points of background work on the ledger."""

from ogc.jobs import enqueue, job
from wallets.services import lazy, liability_proofs, reconciliation
from wallets.services.holds import hold_expire
from wallets.services.rewards import reward_release


@job
def lazy_accounts_fold() -> None:
    """Bring the balances of lazy accounts up to date."""
    lazy.lazy_accounts_fold()


@job
def popular_wallets_find() -> None:
    """Let wallets that take very many credits be credited without a lock from now on."""
    lazy.popular_wallets_find()


@job
def hold_expire_due(hold_pk: int) -> None:
    """Void a hold whose time is over."""
    hold_expire(hold_pk=hold_pk)


@job
def reward_release_due(transaction_pk: int) -> None:
    """Release a reward whose hold is over."""
    reward_release(transaction_pk=transaction_pk)


@job
def liability_proof_daily() -> None:
    """Ask for today's proof of liabilities; one that is there already is enough."""
    proof_pk = liability_proofs.proof_request()
    enqueue(liability_proof_build, proof_pk, queue="bulk")


@job
def liability_proof_build(proof_pk: int) -> None:
    """Build one proof of liabilities."""
    liability_proofs.proof_build(proof_pk=proof_pk)


@job
def ledger_report_nightly() -> None:
    """Check the whole ledger, keep the report, tell people when something is wrong."""
    reconciliation.ledger_report_make()
