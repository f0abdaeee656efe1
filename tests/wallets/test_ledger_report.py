"""The nightly check: kept, and told to people when something is wrong."""

from collections.abc import Callable

import pytest
from django.db import connection

from governance.models import Incident
from notifications.models import Notification
from notifications.services.seed import seed as notifications_seed
from tests.factories.governance import staff
from tests.factories.wallets import rich_user
from wallets.jobs import ledger_report_nightly
from wallets.models import LedgerReport
from wallets.services import reconciliation

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


@pytest.fixture(autouse=True)
def _only_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "_checks", {})


def break_fees() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallets_ledgeraccount SET entry_count = 1 WHERE kind = 'fees'")


def test_a_whole_ledger_is_reported_and_nobody_is_woken(drain: Callable[[], None]) -> None:
    rich_user(5)
    ledger_report_nightly()
    drain()
    report = LedgerReport.objects.get()
    assert report.ok
    assert {check["status"] for check in report.checks} == {"ok"}
    assert report.entry_count > 0
    assert report.finished_at >= report.created_at
    assert not Incident.objects.exists()


def test_what_is_wrong_is_kept_and_told_to_finance(drain: Callable[[], None]) -> None:
    notifications_seed(debug=False)
    finance, user = staff("finance"), rich_user(5)
    break_fees()
    for _ in range(2):
        ledger_report_nightly()
        drain()
    first = LedgerReport.objects.order_by("pk")[0]
    assert not first.ok
    wrong = [check for check in first.checks if check["status"] == "wrong"]
    assert [check["name"] for check in wrong] == ["balances_equal_entries"]
    incident = Incident.objects.get()
    assert (incident.target_type, incident.severity) == ("ledger", "severe")
    assert "balances_equal_entries" in incident.summary
    told = Notification.objects.filter(title="The ledger does not add up")
    assert set(told.values_list("user__email", flat=True)) == {finance.email}
    assert told.count() == 2
    assert not told.filter(user=user).exists()
