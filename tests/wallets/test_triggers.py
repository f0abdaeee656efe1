"""What the database itself refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ogc.actors import Actor
from tests.factories.wallets import account_balance, ogc, rich_user
from wallets.models import Checkpoint, Entry, LedgerAccount, Posting, Transaction, Wallet
from wallets.services.transfers import transfer_settle

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

TRIGGERS = {
    "wallets_checkpoint_no_delete",
    "wallets_checkpoint_no_update",
    "wallets_entry_makes_balance",
    "wallets_entry_no_delete",
    "wallets_entry_no_update",
    "wallets_foldedentry_no_delete",
    "wallets_foldedentry_no_update",
    "wallets_ledgeraccount_by_entry",
    "wallets_ledgeraccount_no_delete",
    "wallets_ledgeraccount_opens_empty",
    "wallets_posting_no_delete",
    "wallets_posting_no_update",
    "wallets_transaction_facts",
    "wallets_transaction_no_delete",
    "wallets_unfoldedentry_fold",
    "wallets_unfoldedentry_no_update",
}


def refused(statement: str, *parameters: object) -> str:
    """Run raw SQL that must fail; returns the error's text."""
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(error.value)


def test_every_trigger_is_in_place() -> None:
    """On SQLite a migration that rebuilds a table loses its triggers: it has to create them again."""
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    with connection.cursor() as cursor:
        cursor.execute(names)
        found = {name for (name,) in cursor.fetchall()}
    assert found >= TRIGGERS


@pytest.mark.parametrize(("table", "column"), [("wallets_posting", "kind"), ("wallets_entry", "amount")])
def test_journal_rows_are_never_changed_or_removed(table: str, column: str) -> None:
    assert "append-only" in refused(f"UPDATE {table} SET {column} = {column}")
    assert "append-only" in refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    "change",
    ["amount = amount + 1", "type = 'faucet'", "sender_id = NULL", "recipient_id = NULL", "public_id = 'x'"],
)
def test_what_a_transaction_moved_never_changes(change: str) -> None:
    ann, bob = rich_user(10), rich_user(0)
    giver = Actor(kind="user", user_id=ann.public_id, scopes=frozenset({"self"}))
    transfer_settle(actor=giver, to=bob.public_id, amount=ogc(1))
    where = "WHERE type = 'transfer'"
    assert "never changes" in refused(f"UPDATE wallets_transaction SET {change} {where}")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE wallets_transaction SET memo = 'a note' {where}")
    assert Transaction.objects.get(type="transfer").memo == "a note"


def test_the_orm_can_not_change_the_journal_either() -> None:
    for model in (Posting, Entry):
        row = model.objects.first()
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=row.pk).delete()


def test_checkpoints_are_never_changed() -> None:
    user = rich_user(0)
    account = LedgerAccount.objects.get(key=f"user:{user.public_id}:available")
    Checkpoint.objects.create(account=account, section=1, entry_id=10**9, balance=0)
    assert "append-only" in refused("UPDATE wallets_checkpoint SET balance = 1")
    assert "append-only" in refused("DELETE FROM wallets_checkpoint")


def test_transactions_and_accounts_are_never_removed() -> None:
    user = rich_user(0)
    Transaction.objects.create(type="sweep", amount=1)
    assert "never deleted" in refused("DELETE FROM wallets_transaction WHERE reference = ''")
    key = f"user:{user.public_id}:available"
    assert "never deleted" in refused("DELETE FROM wallets_ledgeraccount WHERE kind = %s", "available")
    assert account_balance(key) == 0


def test_a_balance_changes_by_an_entry_only() -> None:
    message = refused("UPDATE wallets_ledgeraccount SET balance = balance + 1 WHERE kind = 'fees'")
    assert "by an entry only" in message
    stale = LedgerAccount.objects.get(key="treasury")
    rich_user(5)
    with pytest.raises(DatabaseError), transaction.atomic():
        stale.save()


def test_an_account_opens_with_nothing() -> None:
    with pytest.raises(DatabaseError, match="opens with nothing"), transaction.atomic():
        LedgerAccount.objects.create(key="escrow:challenge:1", kind="escrow", balance=5)


def test_an_entry_without_its_account_is_refused() -> None:
    posting = Posting.objects.first()
    with pytest.raises(DatabaseError, match="unknown account"), transaction.atomic():
        Entry.objects.create(posting=posting, account_id=10**9, amount=1, section=0)


def test_an_entry_is_written_into_the_open_section_only() -> None:
    posting = Posting.objects.first()
    account = LedgerAccount.objects.get(key=f"user:{rich_user(0).public_id}:available")
    for section in (None, 1):
        with pytest.raises(DatabaseError, match="section"), transaction.atomic():
            Entry.objects.create(posting=posting, account=account, amount=1, section=section)


@pytest.mark.parametrize(("key", "amount"), [("fees", -1), ("onchain_hot", 1)])
def test_the_check_holds_inside_the_trigger(key: str, amount: int) -> None:
    posting = Posting.objects.first()
    account = LedgerAccount.objects.get(key=key)
    with pytest.raises(DatabaseError, match="wallets_ledgeraccount_"), transaction.atomic():
        Entry.objects.create(posting=posting, account=account, amount=amount)
    assert account_balance(key) == 0


def test_losses_stand_on_either_side() -> None:
    posting = Posting.objects.first()
    account = LedgerAccount.objects.get(key="losses")
    for amount, balance in ((-3, -3), (8, 5)):
        Entry.objects.create(posting=posting, account=account, amount=amount)
        assert account_balance("losses") == balance


def test_an_unfolded_entry_waits_beside_the_balance() -> None:
    posting = Posting.objects.first()
    account = LedgerAccount.objects.get(key="fees")
    entry = Entry.objects.create(posting=posting, account=account, amount=7, unfolded=True)
    account.refresh_from_db()
    assert (account.balance, account.entry_count) == (0, 0)
    assert account_balance("fees") == 7
    assert list(account.unfolded_entries.values_list("entry_id", "amount")) == [(entry.pk, 7)]


def test_constraints_refuse_what_makes_no_sense() -> None:
    user, other = rich_user(0), rich_user(0)
    wallet = Wallet.objects.get(user=user)
    bad = [
        lambda: Transaction.objects.create(type="transfer", amount=0),
        lambda: Transaction.objects.create(type="transfer", amount=1, status="lost"),
        lambda: Transaction.objects.create(type="transfer", amount=1, sender=wallet, recipient=wallet),
        lambda: Wallet.objects.filter(pk=wallet.pk).update(status="odd"),
        lambda: Wallet.objects.create(user=user),
        lambda: LedgerAccount.objects.create(key="stray", kind="available"),
        lambda: LedgerAccount.objects.create(key="stray", kind="fees", wallet=wallet),
        lambda: LedgerAccount.objects.create(key="second", kind="available", wallet=wallet),
        lambda: LedgerAccount.objects.create(key="fees", kind="fees"),
        lambda: Entry.objects.create(
            posting=Posting.objects.first(),
            account=LedgerAccount.objects.get(key="fees"),
            amount=0,
            section=0,
        ),
    ]
    for attempt in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    Wallet.objects.filter(pk=wallet.pk).update(address="0xAb" + "0" * 38)
    Wallet.objects.filter(user=other).update(address="0xaB" + "0" * 38)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.filter(user=other).update(address="0xAb" + "0" * 38)


def test_keys_are_told_apart_by_case() -> None:
    LedgerAccount.objects.create(key="escrow:challenge:abc", kind="escrow")
    LedgerAccount.objects.create(key="escrow:challenge:ABC", kind="escrow")
    assert LedgerAccount.objects.filter(key="escrow:challenge:abc").count() == 1
    assert ogc(1) == 10**9
