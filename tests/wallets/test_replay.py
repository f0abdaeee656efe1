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
    assert "the balance itself was changed" in text
    told = json.loads(run("--json")[1])
    assert (told["ok"], told["differing"], told["first"]["account"]) == (False, 1, key)
    assert told["first"]["stored"] - told["first"]["replayed"] == 5


def test_the_posting_since_which_sums_differ_is_named() -> None:
    """An entry that went into the journal without its balance: what a lost trigger would do."""
    key = key_of_busy_account()
    account = LedgerAccount.objects.get(key=key)
    change(key, "balance = balance + 5, entry_count = entry_count + 1")
    last = Entry.objects.filter(account=account).order_by("-pk")[3]
    Checkpoint.objects.create(account=account, section=9, entry_id=last.pk, balance=1)
    first = replay().first
    assert first is not None
    assert first.since.startswith(f"posting {last.posting.source_key}, transaction ")
    assert last.posting.transaction.public_id in first.since


def test_what_waits_to_be_folded_counts() -> None:
    key = key_of_busy_account()
    LedgerAccount.objects.filter(key=key).update(lazy=True)
    ann, user_id = rich_user(3), key.split(":")[1]
    actor = Actor(kind="user", user_id=ann.public_id, scopes=frozenset({"self"}))
    transfer_settle(actor=actor, to=user_id, amount=2)
    assert Entry.objects.filter(account__key=key, unfolded=True).count() == 1
    assert replay().differing == 0
