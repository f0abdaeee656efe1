"""Lazy accounts: credited beside their balance, folded before anything is taken, right at each moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ogc import clock
from ogc.actors import SYSTEM, Actor
from tests.api_client import ApiClient, error_code
from tests.factories.accounts import UserFactory
from tests.factories.wallets import account_balance, balance_of, make_lazy, ogc, rich_user
from wallets.constants import POST_MANY_MAX, AccountKind, PostingKind
from wallets.errors import InsufficientBalance, LedgerMisuse, RecipientNotFound, RecipientSelf, WalletFrozen
from wallets.locks import lock_accounts
from wallets.models import (
    Checkpoint,
    Entry,
    FoldedEntry,
    LedgerAccount,
    LedgerMark,
    Posting,
    UnfoldedEntry,
    Wallet,
)
from wallets.selectors import transactions_for_user
from wallets.services.closing import wallet_close, wallet_obligations
from wallets.services.lazy import lazy_accounts_fold, popular_wallets_find
from wallets.services.posting import (
    Leg,
    PostingDraft,
    TransactionDraft,
    post,
    post_many,
    transaction_open,
)
from wallets.services.replay import replay
from wallets.services.transfers import transfer_preview, transfer_settle
from wallets.services.wallets import wallet_freeze

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def actor_of(user: Any) -> Actor:
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))


def pay(giver: Any, receiver: Any, amount: float) -> Any:
    return transfer_settle(actor=actor_of(giver), to=receiver.public_id, amount=ogc(amount))


def row_of(user: Any) -> LedgerAccount:
    return LedgerAccount.objects.get(key=f"user:{user.public_id}:available")


def popular(balance: float = 0) -> Any:
    user = rich_user(balance)
    make_lazy(user)
    return user


def test_a_credit_leaves_the_row_alone_and_counts_at_once(api: ApiClient) -> None:
    ann, pop = rich_user(10), popular(1)
    before = row_of(pop)
    pay(ann, pop, 2)
    after = row_of(pop)
    assert (after.balance, after.entry_count) == (before.balance, before.entry_count)
    assert UnfoldedEntry.objects.filter(account=after).count() == 1
    assert balance_of(pop) == ogc(3)
    assert api.as_user(pop).get("wallet").json()["balances"]["available"] == "3"


def test_a_debit_folds_first(assert_whole: Any) -> None:
    ann, pop = rich_user(10), popular()
    for _ in range(3):
        pay(ann, pop, 2)
    view = pay(pop, ann, 5)
    assert view.entries[0].balance_after == ogc(1)
    assert (row_of(pop).balance, row_of(pop).entry_count) == (ogc(1), 4)
    assert not UnfoldedEntry.objects.filter(account=row_of(pop)).exists()
    with pytest.raises(InsufficientBalance), transaction.atomic():
        pay(pop, ann, 1.001)
    assert_whole()


def test_folding_counts_each_entry_once(assert_whole: Any) -> None:
    ann, pop = rich_user(10), popular()
    lazy_accounts_fold()
    for number in range(1, 4):
        pay(ann, pop, number)
    assert lazy_accounts_fold() == 3
    assert lazy_accounts_fold() == 0
    assert (row_of(pop).balance, row_of(pop).entry_count) == (ogc(6), 3)
    assert list(FoldedEntry.objects.filter(account=row_of(pop)).values_list("section", flat=True)) == [0] * 3
    assert_whole()


def test_the_sections_of_an_account_go_on_when_it_becomes_lazy(assert_whole: Any) -> None:
    """Five plain entries, then folded ones: checkpoints come each 16 entries as before."""
    ann, pop = rich_user(100), rich_user(0)
    for _ in range(5):
        pay(ann, pop, 1)
    make_lazy(pop)
    for number in range(30):
        pay(ann, pop, 1)
        if number % 7 == 0:
            pay(pop, ann, 0.5)
        if number % 10 == 0:
            lazy_accounts_fold()
    lazy_accounts_fold()
    row = row_of(pop)
    assert row.entry_count == 5 + 30 + 5
    assert list(Checkpoint.objects.filter(account=row).values_list("section", flat=True)) == [1, 2]
    assert row.balance == ogc(5 + 30 - 2.5)
    assert_whole()


def test_running_balances_are_the_same_before_and_after_folding() -> None:
    ann, pop = rich_user(100), rich_user(0)
    expected = []
    total = 0.0

    def step(giver: Any, receiver: Any, amount: float) -> None:
        nonlocal total
        pay(giver, receiver, amount)
        total += amount if receiver is pop else -amount
        expected.append(ogc(total))

    for _ in range(3):
        step(ann, pop, 1)
    make_lazy(pop)
    for number in range(25):
        step(ann, pop, 2)
        if number in (4, 11):
            step(pop, ann, 1.5)
    for _ in range(2):
        views = transactions_for_user(pop.public_id, limit=100)
        assert [view.entries[0].balance_after for view in reversed(views)] == expected
        lazy_accounts_fold()
    assert not UnfoldedEntry.objects.filter(account=row_of(pop)).exists()


def test_entries_that_are_folded_out_of_their_order_are_right_everywhere(assert_whole: Any) -> None:
    """What committed late has a low number and a late place."""
    ann, pop = rich_user(100), rich_user(0)
    make_lazy(pop)
    for _ in range(20):
        pay(ann, pop, 1)
    for pk in (
        UnfoldedEntry.objects.filter(account=row_of(pop)).order_by("-pk").values_list("pk", flat=True)[:18]
    ):
        UnfoldedEntry.objects.filter(pk=pk).delete()
    views = transactions_for_user(pop.public_id, limit=100)
    assert all(view.entries[0].balance_after > 0 for view in views)
    assert_whole()
    assert replay().differing == 0
    change = (
        "UPDATE wallets_ledgeraccount SET balance = balance + 5, entry_count = entry_count + 1 WHERE id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(change, [row_of(pop).pk])
    first = replay().first
    assert first is not None
    assert (first.cause.posting, first.cause.after != "") == ("", True)


@pytest.mark.parametrize("by", ["public_id", "email"])
def test_a_transfer_to_a_lazy_receiver_takes_eight_statements(api: ApiClient, by: str) -> None:
    ann, pop = rich_user(10), popular()
    client = api.as_user(ann)
    client.get("wallet")
    body = {"to": getattr(pop, by), "amount": "1"}
    client.post("wallet/transfer", body, key="first")
    with CaptureQueriesContext(connection) as queries:
        assert client.post("wallet/transfer", body, key="second").status_code == 201
    # BEGIN and COMMIT are a savepoint here; the eight are counted in api/test_transfer.py.
    own = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(own) == 6, own


def give_many(receiver: Any, count: int) -> None:
    """So many credits of one OGC each, as `mining_pay` writes them."""
    wallet = Wallet.objects.get(user=receiver)
    legs = (Leg("treasury", -ogc(1)), Leg(row_of(receiver).key, ogc(1)))
    drafts = [
        TransactionDraft(
            type="faucet",
            amount=ogc(1),
            recipient_pk=wallet.pk,
            postings=(PostingDraft(PostingKind.POST, f"give:{number}", legs),),
        )
        for number in range(count)
    ]
    for start in range(0, count, POST_MANY_MAX):
        with transaction.atomic():
            post_many(drafts[start : start + POST_MANY_MAX])


@pytest.mark.parametrize("waiting", [0, 1, 50, 600])
def test_a_transfer_from_a_lazy_account_takes_eight_statements(
    api: ApiClient, assert_whole: Any, waiting: int
) -> None:
    ann, pop = rich_user(0), popular(2)
    client = api.as_user(pop)
    body = {"to": ann.public_id, "amount": "1"}
    client.post("wallet/transfer", body, key="first")
    give_many(pop, waiting)
    assert UnfoldedEntry.objects.filter(account=row_of(pop)).count() == waiting
    with CaptureQueriesContext(connection) as queries:
        response = client.post("wallet/transfer", body, key="second")
    # BEGIN and COMMIT are a savepoint and its release here.
    assert len(queries) == 8, [one["sql"] for one in queries]
    assert response.json()["entries"][0]["balance_after"] == str(waiting)
    assert not UnfoldedEntry.objects.filter(account=row_of(pop)).exists()
    assert (row_of(pop).balance, row_of(pop).entry_count) == (ogc(waiting), waiting + 3)
    assert_whole()


def test_a_dry_run_counts_what_waits_and_folds_nothing() -> None:
    ann, pop = rich_user(10), popular(1)
    for _ in range(2):
        pay(ann, pop, 2)
    preview = transfer_preview(actor=actor_of(pop), to=ann.public_id, amount=ogc(1))
    assert preview.available == ogc(5)
    assert UnfoldedEntry.objects.filter(account=row_of(pop)).count() == 2


def test_a_lazy_receiver_is_refused_like_any_other(api: ApiClient) -> None:
    ann, pop = rich_user(10), popular(3)
    with pytest.raises(RecipientSelf), transaction.atomic():
        pay(pop, pop, 1)
    assert (
        error_code(api.as_user(pop).post("wallet/transfer", {"to": pop.email, "amount": "1"}, key="self"))
        == "RECIPIENT_SELF"
    )
    unverified = UserFactory(unverified=True)
    make_lazy(unverified)
    with pytest.raises(RecipientNotFound), transaction.atomic():
        pay(ann, unverified, 1)
    wallet_freeze(actor=SYSTEM, wallet_id=pop.wallet.public_id, reason="test")
    pay(ann, pop, 1)
    with pytest.raises(WalletFrozen), transaction.atomic():
        pay(pop, ann, 1)
    Wallet.objects.filter(user=pop).update(status="closed", freeze_cause="")
    with pytest.raises(RecipientNotFound), transaction.atomic():
        pay(ann, pop, 1)
    assert balance_of(pop) == ogc(4)


def test_what_waits_keeps_a_wallet_from_closing() -> None:
    ann, pop = rich_user(10), popular()
    pay(ann, pop, 2)
    assert [(one.kind, one.amount) for one in wallet_obligations(pop.pk)] == [("balance", "2")]
    pay(pop, ann, 2)
    assert wallet_obligations(pop.pk) == []
    wallet_close(pop.pk)
    with pytest.raises(RecipientNotFound), transaction.atomic():
        pay(ann, pop, 1)


def test_only_the_harmless_direction_is_unlocked() -> None:
    """Contra accounts: a debit waits beside them, a credit locks, folds and is checked."""
    deposit = [Leg("onchain_hot", -5), Leg("unclaimed_deposits", 5)]
    with transaction.atomic():
        pk = transaction_open(TransactionDraft(type="deposit", amount=5))
        post(transaction_id=pk, kind=PostingKind.POST, source_key="d", legs=deposit)
    assert Entry.objects.filter(posting__source_key="d", unfolded=True).count() == 2
    with transaction.atomic():
        pk = transaction_open(TransactionDraft(type="withdrawal", amount=3))
        back = [Leg("unclaimed_deposits", -3), Leg("onchain_hot", 3)]
        post(transaction_id=pk, kind=PostingKind.POST, source_key="w", legs=back)
    assert Entry.objects.filter(posting__source_key="w", unfolded=False).count() == 2
    assert (account_balance("onchain_hot"), account_balance("unclaimed_deposits")) == (-2, 2)
    with pytest.raises(InsufficientBalance), transaction.atomic():
        post(
            transaction_id=pk,
            kind=PostingKind.POST,
            source_key="x",
            legs=[Leg("onchain_hot", 3), Leg("losses", -3)],
        )


def test_what_is_not_locked_is_not_taken_from() -> None:
    with transaction.atomic():
        locked = lock_accounts((AccountKind.TREASURY,), credited=(AccountKind.FEES,))
        assert not locked["fees"].held
        pk = transaction_open(TransactionDraft(type="sweep", amount=1))
        with pytest.raises(LedgerMisuse, match="not locked"):
            post(
                transaction_id=pk,
                kind=PostingKind.POST,
                source_key="s",
                legs=[Leg("fees", -1), Leg("treasury", 1)],
                locked=locked,
            )


def fold_forged(entry: Entry, account: LedgerAccount, amount: int) -> None:
    UnfoldedEntry.objects.create(entry=entry, account=account, amount=amount)
    UnfoldedEntry.objects.filter(entry=entry).delete()


def test_the_database_folds_the_journal_and_nothing_else() -> None:
    ann, pop = rich_user(10), popular()
    pay(ann, pop, 1)
    waiting = UnfoldedEntry.objects.get(account=row_of(pop))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        UnfoldedEntry.objects.filter(pk=waiting.pk).update(amount=1)
    plain = Entry.objects.filter(account=row_of(ann)).first()
    for entry, account, amount in ((plain, row_of(pop), plain.amount), (plain, row_of(ann), plain.amount)):
        with pytest.raises(DatabaseError, match="not the entry"), transaction.atomic():
            fold_forged(entry, account, amount)
    lazy_accounts_fold()
    entry = Entry.objects.get(pk=waiting.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        fold_forged(entry, row_of(pop), entry.amount)
    for statement in ("UPDATE wallets_foldedentry SET amount = 1", "DELETE FROM wallets_foldedentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
    with pytest.raises(DatabaseError, match="lazy once"), transaction.atomic():
        LedgerAccount.objects.filter(pk=row_of(pop).pk).update(lazy=False)
    assert balance_of(pop) == ogc(1)


def test_an_unfolded_entry_has_no_section() -> None:
    posting = Posting.objects.first()
    fees = LedgerAccount.objects.get(key="fees")
    for fields in ({"section": 0, "unfolded": True}, {"section": 0}):
        with pytest.raises(DatabaseError, match="section"), transaction.atomic():
            Entry.objects.create(posting=posting, account=fees, amount=1, **fields)


def a_minute_ago() -> None:
    LedgerMark.objects.update(seen_at=clock.real_now() - timedelta(seconds=60))


def test_a_wallet_that_takes_many_credits_becomes_lazy_and_stays_so(settings: Any, assert_whole: Any) -> None:
    settings.LAZY_CREDITS_PER_MINUTE = 3
    ann, bob, pop = rich_user(100), rich_user(100), rich_user(0)
    assert popular_wallets_find() == []
    for giver, receiver, count in ((ann, pop, 4), (bob, ann, 3), (pop, bob, 2)):
        for _ in range(count):
            pay(giver, receiver, 0.5)
    assert popular_wallets_find() == []
    a_minute_ago()
    assert popular_wallets_find() == [row_of(pop).pk]
    a_minute_ago()
    assert popular_wallets_find() == []
    assert row_of(pop).lazy
    assert not row_of(ann).lazy
    pay(ann, pop, 1)
    assert balance_of(pop) == ogc(2)
    assert_whole()


def test_credits_of_a_long_time_are_counted_by_the_minute(settings: Any) -> None:
    settings.LAZY_CREDITS_PER_MINUTE = 3
    ann, pop = rich_user(100), rich_user(0)
    popular_wallets_find()
    for _ in range(4):
        pay(ann, pop, 0.5)
    LedgerMark.objects.update(seen_at=clock.real_now() - timedelta(minutes=2))
    assert popular_wallets_find() == []
