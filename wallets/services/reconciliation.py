"""Proof that the ledger is whole: each rule of product.md that can be checked, checked by reading everything.

The ledger's own rules are read in one snapshot of the database, so that moves may go on meanwhile. Other
parts add checks of their own with `register_check`.
"""

from collections.abc import Callable, Sequence

from ogc import clock
from ogc.db.snapshots import snapshot
from ogc.db.transactions import run_in_transaction
from wallets.models import Entry, LedgerReport
from wallets.services.ledger_checks import CheckResult, CheckStatus, check_ledger
from wallets.signals import ledger_found_wrong

__all__ = [
    "CheckResult",
    "CheckStatus",
    "checks_json",
    "ledger_report_make",
    "reconcile",
    "register_check",
]

Check = Callable[[], CheckResult]
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check to each `reconcile`; called in `AppConfig.ready()`. Runs outside the snapshot."""
    _checks[name] = check


def reconcile() -> list[CheckResult]:
    """Check everything, the ledger's own rules first."""
    with snapshot():
        results = check_ledger()
    return results + [check() for check in _checks.values()]


def checks_json(results: Sequence[CheckResult]) -> list[dict[str, str]]:
    """Results as plain values."""
    return [
        {"name": result.name, "status": result.status.value, "detail": result.detail} for result in results
    ]


def ledger_report_make() -> LedgerReport:
    """Check everything, keep what was found, and tell people when a rule does not hold.

    Effects: one LedgerReport; `ledger_found_wrong` in the same transaction.
    """
    started_at = clock.now()
    results = reconcile()
    wrong = [result.name for result in results if result.status == CheckStatus.WRONG]

    def keep() -> LedgerReport:
        report = LedgerReport.objects.create(
            created_at=started_at,
            finished_at=clock.now(),
            ok=not wrong,
            entry_count=Entry.objects.count(),
            checks=checks_json(results),
        )
        if wrong:
            ledger_found_wrong.emit(report_id=report.public_id, checks=wrong)
        return report

    return run_in_transaction(keep)
