"""Paying with tokens through the ports of accounts."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import ports
from accounts.models import Payment
from accounts.services.claims import actor_for
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.errors import EmailNotVerified, NotFound, PermissionDenied, ValidationFailed
from ogc.models import DomainEvent
from tests.factories.governance import staff
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.constants import SOURCE_KEY_MAX_LENGTH
from wallets.errors import (
    HoldEnded,
    InsufficientBalance,
    RefundTooHigh,
    TransactionNotReversible,
    WalletFrozen,
)
from wallets.models import Hold, Transaction
from wallets.services.platform_moves import revenue_sweep
from wallets.services.reversals import reversal_request
from wallets.services.wallets import wallet_freeze

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]


def actor_of(user: Any) -> Actor:
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))


def hold(user: Any, amount: float = 6, actor: Actor | None = None, key: str = "period-1") -> str:
    return ports.token_checkout_hold(
        actor=actor or actor_of(user),
        user_id=user.public_id,
        amount=ogc(amount),
        source_key=key,
        reference="plan:pro",
    )


def paid(user: Any, amount: float = 6) -> str:
    transaction_id = hold(user, amount)
    ports.token_checkout_settle(actor=actor_of(user), transaction_id=transaction_id)
    return transaction_id


def told(name: str) -> list[dict[str, Any]]:
    return list(DomainEvent.objects.filter(name=name).order_by("pk").values_list("payload", flat=True))


def test_a_checkout_is_paid_whole(assert_whole: Any) -> None:
    user = rich_user(10)
    transaction_id = hold(user)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(4), ogc(6))
    assert ports.token_checkout_settle(actor=actor_of(user), transaction_id=transaction_id) == ogc(6)
    assert account_balance("subscription_revenue") == ogc(6)
    assert told("wallets.checkout_settled") == [
        {
            "transaction_id": transaction_id,
            "user_id": user.public_id,
            "amount": ogc(6),
            "reference": "plan:pro",
        }
    ]
    assert_whole()


def test_a_checkout_is_paid_in_part() -> None:
    user = rich_user(10)
    transaction_id = hold(user)
    ports.token_checkout_settle(actor=SYSTEM, transaction_id=transaction_id, amount=ogc(2))
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(8), 0)
    assert account_balance("subscription_revenue") == ogc(2)


def test_a_checkout_that_leads_to_nothing_is_given_back() -> None:
    user = rich_user(10)
    transaction_id = hold(user)
    ports.token_checkout_void(actor=actor_of(user), transaction_id=transaction_id)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(10), 0)
    assert len(told("wallets.checkout_voided")) == 1
    for again in (ports.token_checkout_void, ports.token_checkout_settle):
        with pytest.raises(HoldEnded):
            again(actor=actor_of(user), transaction_id=transaction_id)


def test_an_abandoned_checkout_expires(settings: Any, drain: Any) -> None:
    settings.CHECKOUT_HOLD_SECONDS = 30
    user = rich_user(10)
    transaction_id = hold(user)
    clock.apply_offset(timedelta(seconds=31))
    with pytest.raises(HoldEnded):
        ports.token_checkout_settle(actor=actor_of(user), transaction_id=transaction_id)
    drain()
    assert balance_of(user) == ogc(10)
    assert Transaction.objects.get(public_id=transaction_id).status == "cancelled"


def test_one_cause_holds_once() -> None:
    user = rich_user(10)
    first = hold(user)
    assert hold(user, 3) == first
    assert Hold.objects.count() == 1
    assert hold(user, 1, key="period-2") != first


def test_the_longest_key_of_a_payment_names_a_checkout_and_its_refund() -> None:
    longest = "k" * (Payment._meta.get_field("source_key").max_length or 0)
    user = rich_user(10)
    transaction_id = hold(user, key=longest)
    ports.token_checkout_settle(actor=SYSTEM, transaction_id=transaction_id)
    assert refund(transaction_id, 6, longest) == refund(transaction_id, 6, longest)
    assert balance_of(user) == ogc(10)


def test_a_key_that_is_too_long_is_refused() -> None:
    user, longer = rich_user(10), "k" * (SOURCE_KEY_MAX_LENGTH - len("checkout:") + 1)
    with pytest.raises(ValidationFailed):
        hold(user, key=longer)
    assert balance_of(user) == ogc(10)
    assert not Hold.objects.exists()


def test_who_may_not_pay_holds_nothing() -> None:
    user, other, unverified = rich_user(10), rich_user(10), rich_user(0, unverified=True)
    with pytest.raises(NotFound):
        hold(user, actor=actor_of(other))
    with pytest.raises(EmailNotVerified):
        hold(unverified)
    with pytest.raises(InsufficientBalance):
        hold(user, 11)
    wallet_freeze(actor=SYSTEM, wallet_id=user.wallet.public_id, reason="test")
    with pytest.raises(WalletFrozen):
        hold(user)
    with pytest.raises(WalletFrozen):
        hold(user, actor=SYSTEM)
    assert not Hold.objects.exists()
    assert balance_of(user) == ogc(10)


def test_somebody_elses_checkout_is_not_found() -> None:
    user, other = rich_user(10), rich_user(10)
    transaction_id = hold(user)
    for end in (ports.token_checkout_settle, ports.token_checkout_void):
        with pytest.raises(NotFound):
            end(actor=actor_of(other), transaction_id=transaction_id)
        with pytest.raises(NotFound):
            end(actor=SYSTEM, transaction_id="018f0000-0000-7000-8000-000000000009")
    assert Hold.objects.get().status == "open"


def refund(transaction_id: str, amount: float, key: str, actor: Actor = SYSTEM) -> str:
    return ports.token_refund(actor=actor, transaction_id=transaction_id, amount=ogc(amount), source_key=key)


def test_refunds_together_are_at_most_what_was_paid(assert_whole: Any) -> None:
    user = rich_user(10)
    transaction_id = paid(user)
    first = refund(transaction_id, 4, "one")
    assert refund(transaction_id, 4, "one") == first
    with pytest.raises(RefundTooHigh) as refused:
        refund(transaction_id, 2.5, "two")
    assert refused.value.details == {"left": "2"}
    refund(transaction_id, 2, "three")
    assert (balance_of(user), account_balance("subscription_revenue")) == (ogc(10), 0)
    assert [event["amount"] for event in told("wallets.payment_refunded")] == [ogc(4), ogc(2)]
    assert_whole()


def test_what_was_not_paid_is_not_refunded() -> None:
    user = rich_user(10)
    with pytest.raises(NotFound):
        refund(hold(user, key="period-0"), 1, "open")
    transaction_id = paid(user, 3)
    with pytest.raises(PermissionDenied):
        refund(transaction_id, 1, "not staff", actor_of(user))
    revenue_sweep(actor=SYSTEM, account="subscription_revenue", source_key="all")
    with pytest.raises(InsufficientBalance):
        refund(transaction_id, 1, "swept")
    assert not Transaction.objects.filter(type="refund").exists()


def test_a_payment_of_which_something_was_refunded_is_not_reversed() -> None:
    user = rich_user(10)
    first, second = paid(user, 3), hold(user, 2, key="period-2")
    ports.token_checkout_settle(actor=SYSTEM, transaction_id=second)
    refund(first, 1, "one")
    with pytest.raises(TransactionNotReversible):
        reversal_request(actor=actor_for(staff("finance")), transaction_id=first, reason="test")
    Transaction.objects.filter(public_id=second).update(status="reversed")
    with pytest.raises(NotFound):
        refund(second, 1, "two")
    assert balance_of(user) == ogc(6)
