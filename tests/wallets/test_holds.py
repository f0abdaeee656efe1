"""Two-phase moves: what is held is settled, voided or expires, once, whole or in part."""

from datetime import timedelta
from typing import Any

import pytest

from ogc import clock
from ogc.models import DomainEvent
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.constants import HoldPurpose, TransactionStatus
from wallets.errors import HoldEnded, InsufficientBalance, LedgerMisuse
from wallets.models import Hold, Posting, Transaction
from wallets.selectors.holds import next_expiry_at
from wallets.services.holds import hold_expire, hold_open, hold_settle, hold_void
from wallets.services.posting import Leg, TransactionDraft

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def opened(user: Any, amount: float = 6, seconds: int | None = None) -> int:
    """Row number of a pending transaction that holds so many OGC."""
    draft = TransactionDraft(
        type="subscription", status="pending", amount=ogc(amount), sender_pk=user.wallet.pk
    )
    return hold_open(
        draft=draft,
        user_id=user.public_id,
        amount=ogc(amount),
        purpose=HoldPurpose.CHECKOUT,
        expires_at=None if seconds is None else clock.now() + timedelta(seconds=seconds),
    )


def state(transaction_pk: int) -> tuple[Any, ...]:
    hold = Hold.objects.select_related("transaction").get(transaction_id=transaction_pk)
    return hold.status, hold.settled, hold.voided, hold.transaction.status


def test_a_hold_sets_tokens_aside(assert_whole: Any) -> None:
    user = rich_user(10)
    pk = opened(user)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(4), ogc(6))
    assert state(pk) == ("open", 0, 0, "pending")
    with pytest.raises(InsufficientBalance):
        opened(user, 5)
    assert Hold.objects.count() == 1
    assert_whole()


@pytest.mark.parametrize("paid", [6, 2.5])
def test_settling_pays_and_gives_the_rest_back(paid: float, assert_whole: Any) -> None:
    user = rich_user(10)
    pk = opened(user)
    assert hold_settle(transaction_pk=pk, to=[Leg("subscription_revenue", ogc(paid))]) == ogc(6 - paid)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(10 - paid), 0)
    assert account_balance("subscription_revenue") == ogc(paid)
    assert state(pk) == ("settled", ogc(paid), ogc(6 - paid), "completed")
    kinds = Posting.objects.filter(transaction_id=pk).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["hold", "settle", *(["void"] if paid < 6 else [])]
    assert_whole()


def test_settling_goes_to_several_accounts() -> None:
    user = rich_user(10)
    pk = opened(user)
    hold_settle(transaction_pk=pk, to=[Leg("subscription_revenue", ogc(5)), Leg("fees", ogc(1))])
    assert (account_balance("subscription_revenue"), account_balance("fees")) == (ogc(5), ogc(1))


@pytest.mark.parametrize(
    "to",
    [[], [("fees", 0)], [("fees", ogc(7))], [("fees", ogc(4)), ("treasury", ogc(3))], [("fees", -1)]],
    ids=["nothing", "zero", "too much", "too much together", "negative"],
)
def test_what_can_not_be_settled_changes_nothing(to: list[tuple[str, int]]) -> None:
    user = rich_user(10)
    pk = opened(user)
    with pytest.raises(LedgerMisuse):
        hold_settle(transaction_pk=pk, to=[Leg(*leg) for leg in to])
    assert state(pk) == ("open", 0, 0, "pending")
    assert balance_of(user, "reserved") == ogc(6)


@pytest.mark.parametrize("status", [TransactionStatus.FAILED, TransactionStatus.CANCELLED])
def test_voiding_gives_all_back(status: TransactionStatus, assert_whole: Any) -> None:
    user = rich_user(10)
    pk = opened(user)
    hold_void(transaction_pk=pk, to_status=status)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(10), 0)
    assert state(pk) == ("voided", 0, ogc(6), status.value)
    assert_whole()


def settle(pk: int) -> None:
    hold_settle(transaction_pk=pk, to=[Leg("fees", ogc(1))])


def void(pk: int) -> None:
    hold_void(transaction_pk=pk, to_status=TransactionStatus.FAILED)


@pytest.mark.parametrize("first", [settle, void])
@pytest.mark.parametrize("second", [settle, void])
def test_a_hold_ends_once(first: Any, second: Any) -> None:
    user = rich_user(10)
    other, pk = opened(user, 3), opened(user)
    first(pk)
    before = state(pk), balance_of(user), balance_of(user, "reserved"), Posting.objects.count()
    with pytest.raises(HoldEnded) as refused:
        second(pk)
    assert refused.value.details == {"status": before[0][0]}
    assert before == (state(pk), balance_of(user), balance_of(user, "reserved"), Posting.objects.count())
    assert state(other)[0] == "open"


def test_a_hold_expires_once_and_is_told(drain: Any, assert_whole: Any) -> None:
    user = rich_user(10)
    pk = opened(user, seconds=60)
    hold = Hold.objects.get(transaction_id=pk)
    assert next_expiry_at() == hold.expires_at
    assert not hold_expire(hold_pk=hold.pk)
    clock.apply_offset(timedelta(seconds=61))
    drain()
    assert state(pk) == ("expired", 0, ogc(6), "cancelled")
    assert balance_of(user) == ogc(10)
    assert not hold_expire(hold_pk=hold.pk)
    assert next_expiry_at() is None
    event = DomainEvent.objects.get(name="wallets.hold_expired")
    assert event.payload == {
        "transaction_id": hold.public_id,
        "user_id": user.public_id,
        "amount": ogc(6),
        "purpose": "checkout",
    }
    assert_whole()


def test_a_hold_whose_time_is_over_can_be_voided_but_not_settled() -> None:
    user = rich_user(10)
    pk = opened(user, seconds=60)
    clock.apply_offset(timedelta(seconds=61))
    with pytest.raises(HoldEnded) as refused:
        settle(pk)
    assert refused.value.details == {"status": "open"}
    void(pk)
    assert state(pk)[0] == "voided"


def test_a_hold_without_an_end_waits(drain: Any) -> None:
    user = rich_user(10)
    pk = opened(user)
    clock.apply_offset(timedelta(days=400))
    drain()
    assert state(pk)[0] == "open"


def test_only_pending_transactions_of_a_wallet_hold() -> None:
    user = rich_user(10)
    for draft in (
        TransactionDraft(type="subscription", amount=1, sender_pk=user.wallet.pk),
        TransactionDraft(type="subscription", amount=1, status="pending"),
    ):
        with pytest.raises(LedgerMisuse):
            hold_open(draft=draft, user_id=user.public_id, amount=1, purpose=HoldPurpose.CHECKOUT)
    assert not Transaction.objects.filter(type="subscription").exists()
