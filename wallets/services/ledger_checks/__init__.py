"""The rules of the ledger, each proved by reading everything; `reconcile` runs them in one snapshot.

Whatever is read is read in index order and in chunks, grouped by the database, so that memory does not grow
with the journal nor with the number of accounts. What is found is named by account and by transaction.
"""

from wallets.services.ledger_checks.accounts import check_accounts
from wallets.services.ledger_checks.places import check_places
from wallets.services.ledger_checks.postings import check_postings
from wallets.services.ledger_checks.results import CheckResult, CheckStatus
from wallets.services.ledger_checks.transactions import check_transactions
from wallets.services.ledger_checks.waiting import check_waiting

__all__ = ["CheckResult", "CheckStatus", "check_ledger"]


def check_ledger() -> list[CheckResult]:
    """All rules of the ledger itself. Call it inside a snapshot."""
    return [check_postings(), *check_accounts(), check_places(), check_transactions(), check_waiting()]
