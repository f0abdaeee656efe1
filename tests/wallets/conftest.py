"""Fixtures of the tests about money."""

import pytest

from accounts.services.seed import plans_seed
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.seed import seed


@pytest.fixture
def money(db: None) -> None:
    """Plans, system accounts, the supply in the treasury, filled pools."""
    plans_seed()
    seed(debug=True)


@pytest.fixture
def assert_whole(db: None):
    """Call it at the end: every rule of the ledger holds."""

    def check() -> None:
        wrong = [result for result in reconcile() if result.status == CheckStatus.WRONG]
        assert not wrong, wrong

    return check
