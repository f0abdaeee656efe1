"""The one posting function: what it writes, what it refuses, and that it refuses whole."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ogc.amounts import SUPPLY_BASE_UNITS
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.constants import PostingKind, TransactionType
from wallets.errors import InsufficientBalance, LedgerMisuse, SourceKeyUsed
from wallets.models import Checkpoint, Entry, LedgerAccount, Posting, Transaction
from wallets.services.lazy import lazy_accounts_fold
from wallets.services.posting import Leg, PostingDraft, TransactionDraft, post, post_many, transaction_open

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def open_and_post(*legs: Leg, source_key: str = "test:1", kind: str = PostingKind.POST) -> int:
    with transaction.atomic():
        pk = transaction_open(TransactionDraft(type=TransactionType.SWEEP, amount=1))
        return post(transaction_id=pk, kind=kind, source_key=source_key, legs=legs)


def counts() -> tuple[int, int, int]:
    return Transaction.objects.count(), Posting.objects.count(), Entry.objects.count()


def test_a_posting_moves_balances_by_its_entries() -> None:
    posting_id = open_and_post(Leg("treasury", -ogc(3)), Leg("fees", ogc(1)), Leg("losses", ogc(2)))

    entries = Entry.objects.filter(posting_id=posting_id).order_by("pk")
    assert [(entry.account.key, entry.amount) for entry in entries] == [
        ("treasury", -ogc(3)),
        ("fees", ogc(1)),
        ("losses", ogc(2)),
    ]
    assert account_balance("fees") == ogc(1)
    assert account_balance("losses") == ogc(2)
    assert account_balance("treasury") == SUPPLY_BASE_UNITS - ogc(2_000_000) - ogc(3)


@pytest.mark.parametrize(("to_lazy", "statements"), [(False, 3), (True, 4)])
def test_a_posting_takes_three_statements(to_lazy: bool, statements: int) -> None:
    """One more when it leaves a lazy account unlocked."""
    key = "fees" if to_lazy else f"user:{rich_user(0).public_id}:available"
    legs = (Leg("treasury", -1), Leg(key, 1))
    with transaction.atomic():
        pk = transaction_open(TransactionDraft(type=TransactionType.SWEEP, amount=1))
        with CaptureQueriesContext(connection) as queries:
            post(
                transaction_id=pk,
                kind=PostingKind.POST,
                source_key="test:1",
                legs=legs,
            )
    assert len(queries) == statements


@pytest.mark.parametrize(
    "legs",
    [
        (Leg("treasury", -1), Leg("fees", 2)),
        (Leg("treasury", 0), Leg("fees", 0)),
        (Leg("treasury", -1), Leg("fees", 1), Leg("losses", 0)),
        (Leg("treasury", 5),),
        (),
        (Leg("treasury", -1), Leg("user:nobody:available", 1)),
    ],
)
def test_legs_that_do_not_balance_or_name_no_account_write_nothing(legs: tuple[Leg, ...]) -> None:
    before = counts()
    with pytest.raises(LedgerMisuse):
        open_and_post(*legs)
    assert counts() == before


def test_an_account_never_goes_below_zero() -> None:
    before = counts()
    with pytest.raises(InsufficientBalance) as refused:
        open_and_post(Leg("fees", -1), Leg("treasury", 1))
    assert refused.value.details == {"account": "fees"}
    assert counts() == before


def test_two_legs_on_one_account_are_checked_together() -> None:
    open_and_post(Leg("fees", 5), Leg("fees", -2), Leg("treasury", -3))
    assert account_balance("fees") == 3
    with pytest.raises(InsufficientBalance):
        open_and_post(Leg("fees", -2), Leg("fees", -2), Leg("treasury", 4), source_key="test:2")
    assert account_balance("fees") == 3


def test_contra_accounts_never_go_above_zero_and_losses_go_anywhere() -> None:
    with pytest.raises(InsufficientBalance):
        open_and_post(Leg("treasury", -1), Leg("onchain_hot", 1))
    open_and_post(Leg("losses", -7), Leg("fees", 7))
    assert account_balance("losses") == -7


def test_a_source_key_is_booked_once() -> None:
    open_and_post(Leg("treasury", -1), Leg("fees", 1), source_key="cause")
    before = counts()
    with pytest.raises(SourceKeyUsed):
        open_and_post(Leg("treasury", -1), Leg("fees", 1), source_key="cause")
    assert counts() == before
    assert account_balance("fees") == 1
    open_and_post(Leg("treasury", -1), Leg("fees", 1), source_key="Cause")
    assert account_balance("fees") == 2


def test_every_sixteenth_entry_of_an_account_leaves_a_checkpoint() -> None:
    key = f"user:{rich_user(0).public_id}:available"
    for number in range(40):
        open_and_post(Leg("treasury", -number - 1), Leg(key, number + 1), source_key=f"test:{number}")
    account = LedgerAccount.objects.get(key=key)
    entry_pks = list(Entry.objects.filter(account=account).order_by("pk").values_list("pk", flat=True))
    stored = Checkpoint.objects.order_by("section").filter(account=account)
    assert list(stored.values_list("section", "entry_id", "balance")) == [
        (1, entry_pks[15], sum(range(17))),
        (2, entry_pks[31], sum(range(33))),
    ]
    sections = Entry.objects.filter(account=account).order_by("pk").values_list("section", flat=True)
    assert list(sections) == [0] * 16 + [1] * 16 + [2] * 8
    assert account.entry_count == 40


def drafts(user, amounts: list[int], prefix: str = "many") -> list[TransactionDraft]:
    key = f"user:{user.public_id}:available"
    return [
        TransactionDraft(
            type=TransactionType.REWARD,
            amount=amount,
            recipient_pk=user.wallet.pk,
            postings=(
                PostingDraft(
                    PostingKind.POST,
                    f"{prefix}:{number}",
                    (Leg("rewards_pool", -amount), Leg(key, amount)),
                ),
            ),
        )
        for number, amount in enumerate(amounts)
    ]


def test_many_transactions_are_written_at_once_and_only_once() -> None:
    user = rich_user(0)
    planned = drafts(user, list(range(1, 201)))
    lazy_accounts_fold()
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        ids = post_many(planned)
    assert len(queries) == 8
    assert ids == [draft.public_id for draft in planned]
    assert balance_of(user) == sum(range(201))
    before = counts()

    with transaction.atomic():
        again = post_many(drafts(user, [*range(1, 150), 7]))
    assert again == ids[:150]
    assert counts() == before


def test_many_transactions_fail_together_when_their_net_overdraws() -> None:
    user = rich_user(0)
    before = counts()
    with pytest.raises(InsufficientBalance), transaction.atomic():
        post_many(drafts(user, [ogc(600_000), ogc(600_000)]))
    assert counts() == before
    with pytest.raises(LedgerMisuse), transaction.atomic():
        post_many(drafts(user, [1] * 201))
