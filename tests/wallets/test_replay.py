"""Balances rebuilt from the journal: the same, or the first difference is named."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from ogc.actors import Actor
from tests.factories.wallets import rich_user
from wallets.constants import SECTION_ENTRIES
from wallets.models import Checkpoint, Entry, LedgerAccount, ShadowBalance
from wallets.services import replay as service
from wallets.services.replay import replay
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def run(*arguments: str) -> tuple[int, str]:
    out, code = StringIO(), 0
    try:
        call_command("replay", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        code = int(str(stopped.code))
    return code, out.getvalue()


def key_of_busy_account() -> str:
    ann, bob = rich_user(10), rich_user(10)
    actor = Actor(kind="user", user_id=ann.public_id, scopes=frozenset({"self"}))
    for _ in range(2 * SECTION_ENTRIES):
        transfer_settle(actor=actor, to=bob.public_id, amount=1)
    return f"user:{bob.public_id}:available"


def change(key: str, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE wallets_ledgeraccount SET {sql} WHERE `key` = %s", [key])


def test_a_whole_ledger_is_rebuilt_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK", 7)
    key_of_busy_account()
    for _ in range(2):
        found = replay()
        assert (found.differing, found.first) == (0, None)
        assert found.accounts == LedgerAccount.objects.count() == ShadowBalance.objects.count()
        assert found.entries == Entry.objects.count()
    assert run() == (0, f"{found.accounts} accounts, {found.entries} entries: 0 balances differ\n")


def test_a_balance_that_was_changed_is_named() -> None:
    key = key_of_busy_account()
    change(key, "balance = balance + 5, entry_count = entry_count + 1")
    code, text = run()
    assert code == 1
    assert f"the first is {key}" in text
    assert "since an entry after posting transfer:" in text
    told = json.loads(run("--json")[1])
    assert (told["ok"], told["differing"], told["first"]["account"]) == (False, 1, key)
    assert (told["first"]["stored"], told["first"]["replayed"]) == ("10.000000037", "10.000000032")


def test_the_posting_since_which_sums_differ_is_named() -> None:
    """An entry that went into the journal without its balance: what a lost trigger would do."""
    key = key_of_busy_account()
    account = LedgerAccount.objects.get(key=key)
    change(key, "balance = balance + 5, entry_count = entry_count + 1")
    last = Entry.objects.filter(account=account).order_by("-pk")[3]
    Checkpoint.objects.create(account=account, section=9, entry_id=last.pk, balance=1)
    first = replay().first
    assert first is not None
    posting = last.posting
    assert (first.posting, first.transaction) == (posting.source_key, posting.transaction.public_id)
    assert f"since posting {posting.source_key}, transaction {posting.transaction.public_id}" in run()[1]


def test_what_waits_to_be_folded_counts() -> None:
    key = key_of_busy_account()
    LedgerAccount.objects.filter(key=key).update(lazy=True)
    ann, user_id = rich_user(3), key.split(":")[1]
    actor = Actor(kind="user", user_id=ann.public_id, scopes=frozenset({"self"}))
    transfer_settle(actor=actor, to=user_id, amount=2)
    assert Entry.objects.filter(account__key=key, unfolded=True).count() == 1
    assert replay().differing == 0


def test_a_run_that_was_stopped_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK", 3)
    key = key_of_busy_account()
    wrong = LedgerAccount.objects.order_by("pk")[1].key
    change(wrong, "entry_count = entry_count + 1")

    def stop(done: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(progress=stop)
    assert ShadowBalance.objects.count() == 6
    calls: list[int] = []
    found = replay(resume=True, progress=calls.append)
    assert calls[0] == 9
    assert (found.accounts, found.entries) == (LedgerAccount.objects.count(), Entry.objects.count())
    assert found.differing == 1
    assert found.first is not None
    assert found.first.account == wrong != key
    assert run("--resume")[0] == 1


def test_a_new_run_forgets_the_last_one() -> None:
    ShadowBalance.objects.create(account_id=10**9, balance=5, entry_count=1, last_entry_id=1, differs=True)
    assert replay().differing == 0
    assert not ShadowBalance.objects.filter(pk=10**9).exists()


def lose_an_account() -> tuple[int, int]:
    """Row number and balance of an account that entries name and that is not there, against the triggers."""
    account = LedgerAccount.objects.get(key=key_of_busy_account())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER wallets_ledgeraccount_no_delete")
            cursor.execute("DELETE FROM wallets_ledgeraccount WHERE id = %s", [account.pk])
            return account.pk, account.balance
        # DROP TRIGGER would commit; an entry without a lock is not looked at before it is folded.
        columns = "posting_id, account_id, amount, section, unfolded"
        posting_pk = Entry.objects.filter(account=account).values_list("posting_id", flat=True)[0]
        cursor.execute(f"INSERT INTO wallets_entry ({columns}) VALUES (%s, 99999, 5, NULL, 1)", [posting_pk])
    return 99999, 5


def test_entries_of_no_account_are_found() -> None:
    pk, balance = lose_an_account()
    for is_resumed in (False, True):
        found = replay(resume=is_resumed)
        assert found.differing == 1
        assert found.first is not None
        assert found.first.account == f"no account with the row number {pk}"
        assert (found.first.stored, found.first.replayed) == (0, balance)


def test_few_entries_are_read_in_one_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ENTRIES", 1)
    monkeypatch.setattr(service, "WINDOW", 1)
    key = key_of_busy_account()
    assert replay().accounts == LedgerAccount.objects.count()
    change(key, "balance = balance + 1, entry_count = entry_count + 1")
    first = replay().first
    assert first is not None
    assert first.right_until.startswith("transfer:")
