"""The proof that the ledger is whole finds every way in which it is not."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from tests.factories.accounts import UserFactory
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.models import Entry, LedgerAccount, Posting, Transaction
from wallets.services import reconciliation
from wallets.services.reconciliation import CheckResult, CheckStatus, reconcile, register_check

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

LEDGER_CHECKS = [
    "postings_sum_to_zero",
    "balances_equal_entries",
    "balances_on_their_side",
    "contra_equals_all_others",
    "checkpoints_equal_entries",
]


@pytest.fixture(autouse=True)
def _only_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "_checks", {})


def wrong() -> dict[str, str]:
    return {result.name: result.detail for result in reconcile() if result.status == CheckStatus.WRONG}


def test_a_whole_ledger_has_nothing_wrong() -> None:
    rich_user(5)
    assert [(result.name, result.status) for result in reconcile()] == [
        (name, CheckStatus.OK) for name in LEDGER_CHECKS
    ]


def test_a_posting_that_does_not_come_to_zero_is_named() -> None:
    posting = Posting.objects.first()
    account = LedgerAccount.objects.get(key="fees")
    Entry.objects.create(posting=posting, account=account, amount=7, section=0)
    found = wrong()
    assert found["postings_sum_to_zero"] == f"posting {posting.pk}: 7"
    assert "contra_equals_all_others" in found


def test_a_posting_without_entries_is_named() -> None:
    row = Transaction.objects.create(type="sweep", amount=1)
    Posting.objects.create(transaction=row, kind="post", source_key="empty", created_at=row.created_at)
    assert wrong() == {"postings_sum_to_zero": "empty: no entries"}


def test_a_balance_that_was_changed_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallets_ledgeraccount SET balance = 9, entry_count = 1 WHERE kind = 'fees'")
    found = wrong()
    assert found["balances_equal_entries"] == "fees: balance 9, entries 0"
    assert "contra_equals_all_others" in found


def test_a_checkpoint_that_is_off_is_named() -> None:
    from wallets.models import Checkpoint

    entry = Entry.objects.filter(account__key="treasury").first()
    Checkpoint.objects.create(account_id=entry.account_id, section=9, entry_id=entry.pk, balance=1)
    assert list(wrong()) == ["checkpoints_equal_entries"]


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_so_and_exits() -> None:
    assert "ok" in run("reconcile")
    told = json.loads(run("reconcile", "--json"))
    assert told["ok"] is True
    assert [check["name"] for check in told["checks"]] == LEDGER_CHECKS

    register_check("chain", lambda: CheckResult("chain", CheckStatus.UNKNOWN, "no node"))
    assert json.loads(run("reconcile", "--json"))["ok"] is True
    register_check("broken", lambda: CheckResult("broken", CheckStatus.WRONG, "it is"))
    with pytest.raises(SystemExit) as stopped:
        run("reconcile")
    assert stopped.value.code == 1


def test_fund_pool_moves_what_it_is_told() -> None:
    assert "12.5 OGC to mining_pool" in run("fund_pool", "--pool", "mining_pool", "--amount", "12.5")
    assert account_balance("mining_pool") == ogc(1_000_012.5)
    for amount, code in (("600000000", "INVALID_AMOUNT"), ("499999999", "INSUFFICIENT_BALANCE")):
        with pytest.raises(CommandError, match=code):
            run("fund_pool", "--amount", amount)


def test_the_faucet_finds_people_by_address() -> None:
    user = UserFactory(email="new@example.org", unverified=True)
    with override_settings(DEBUG=True):
        run("faucet", "--user", "New@example.org", "--amount", "3")
        with pytest.raises(CommandError, match="no user"):
            run("faucet", "--user", "nobody@example.org", "--amount", "3")
    assert balance_of(user) == ogc(3)
    with pytest.raises(CommandError, match="PERMISSION_DENIED"):
        run("faucet", "--user", "new@example.org", "--amount", "3")
