"""Balances rebuilt from the journal: the same, or the first difference is named."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ogc.actors import Actor
from ogc.db.solo import solo
from tests.factories.wallets import rich_user
from wallets.constants import SECTION_ENTRIES
from wallets.models import Entry, LedgerAccount, ShadowBalance, Transaction
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
    assert run() == (0, f"{found.accounts} accounts, {found.entries} entries: 0 accounts differ\n")


def test_what_was_found_is_printed() -> None:
    key = key_of_busy_account()
    change(key, "balance = balance + 5, entry_count = entry_count + 1")
    code, text = run()
    assert code == 1
    assert f"the first is {key}: stored 10.000000037 OGC in 34 entries, replayed 10.000000032" in text
    assert re.search(
        r"\n  after posting transfer:\S+, up to its balance\n  the balance itself was changed: ", text
    )
    told = json.loads(run("--json")[1])
    assert (told["ok"], told["differing"], told["odd"], told["first_odd"]) == (False, 1, 0, None)
    first = told["first"]
    assert (first["account"], first["stored"], first["replayed"]) == (key, "10.000000037", "10.000000032")
    assert first["cause"]["after"].startswith("transfer:")


def test_candidates_and_odd_postings_are_printed() -> None:
    key = key_of_busy_account()
    change(key, "balance = balance + 5, entry_count = entry_count + 1")
    later = f"user:{rich_user(1).public_id}:available"
    change(later, "balance = balance + 5, entry_count = entry_count + 1")
    lost = Transaction.objects.create(type="sweep", status="completed", amount=4)
    _, text = run()
    assert "  nothing else that is stored says which\n    transfer:" in text
    assert text.count(": 0.000000001 OGC") > 0
    assert f"1 postings can't be right; the first is transaction {lost.public_id}: it is completed" in text
    told = json.loads(run("--json")[1])
    assert told["first_odd"] == {
        "posting": "",
        "transaction": lost.public_id,
        "why": "it is completed, but has no posting",
    }


def test_one_replay_at_a_time() -> None:
    with held_elsewhere(), pytest.raises(CommandError, match="another replay is running") as refused:
        call_command("replay", stdout=StringIO())
    assert refused.value.returncode == 2
    assert run()[0] == 0


@contextmanager
def held_elsewhere() -> Iterator[None]:
    """Another connection replays."""
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with solo("replay"):
            is_held.set()
            may_end.wait()
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    is_held.wait()
    try:
        yield
    finally:
        may_end.set()
        other.join()


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
    key = key_of_busy_account()
    assert replay().accounts == LedgerAccount.objects.count()
    change(key, "balance = balance + 1, entry_count = entry_count + 1")
    first = replay().first
    assert first is not None
    assert first.cause.after.startswith("transfer:")
