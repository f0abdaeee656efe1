"""Real connections that end the same hold, refund the same payment or release the same reward at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import DomainError
from tests.factories.wallets import account_balance, balance_of, ogc, rich_user
from wallets.constants import HoldPurpose, RewardSource, TransactionStatus
from wallets.models import Hold, Posting, Transaction
from wallets.services.checkouts import token_checkout_hold, token_checkout_settle, token_refund
from wallets.services.holds import hold_expire, hold_open, hold_settle, hold_void
from wallets.services.posting import Leg, TransactionDraft
from wallets.services.rewards import reward_give, reward_release
from wallets.services.risk_holds import wallet_risk_hold

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.concurrency,
    pytest.mark.usefixtures("whole_ledger"),
]

ROUNDS = 6


def at_once(*works: Callable[[], Any]) -> list[str]:
    """Run these at once, each with a connection of its own; "done" or the code of the refusal for each."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> str:
        connection.ensure_connection()
        barrier.wait(30)
        try:
            work()
            return "done"
        except DomainError as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def opened(user: Any, **fields: Any) -> int:
    draft = TransactionDraft(type="subscription", status="pending", amount=ogc(6), sender_pk=user.wallet.pk)
    return hold_open(
        draft=draft, user_id=user.public_id, amount=ogc(6), purpose=HoldPurpose.CHECKOUT, **fields
    )


def settle(pk: int) -> Callable[[], Any]:
    return lambda: hold_settle(transaction_pk=pk, to=[Leg("subscription_revenue", ogc(2))])


def void(pk: int) -> Callable[[], Any]:
    return lambda: hold_void(transaction_pk=pk, to_status=TransactionStatus.FAILED)


def test_settle_and_void_at_once_end_a_hold_once() -> None:
    """The wallet holds more beside it, so that tokens for a second end would be there."""
    user = rich_user(100)
    opened(user)
    for _ in range(ROUNDS):
        pk = opened(user)
        before = balance_of(user)
        answers = at_once(settle(pk), void(pk), settle(pk), void(pk), settle(pk), void(pk))
        assert Counter(answers) == {"done": 1, "HOLD_ENDED": 5}
        hold = Hold.objects.get(transaction_id=pk)
        assert balance_of(user) == before + hold.voided
        assert hold.settled + hold.voided == ogc(6)
        kinds = set(Posting.objects.filter(transaction_id=pk).values_list("kind", flat=True))
        assert kinds == ({"hold", "settle", "void"} if hold.status == "settled" else {"hold", "void"})
    assert balance_of(user, "reserved") == ogc(6)


def test_ten_settlements_pay_once() -> None:
    user = rich_user(100)
    opened(user)
    pk = opened(user)
    answers = at_once(*[settle(pk)] * 10)
    assert Counter(answers) == {"done": 1, "HOLD_ENDED": 9}
    assert account_balance("subscription_revenue") == ogc(2)
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(92), ogc(6))


def test_expiry_and_settlement_at_once_end_a_hold_once() -> None:
    """The settlement reads the clock before the hold's time is over, the sweep after it."""
    user = rich_user(100)
    opened(user)
    for _ in range(ROUNDS):
        clock.apply_offset(timedelta(0))
        pk = opened(user, expires_at=clock.now() + timedelta(milliseconds=30))
        hold_pk = Hold.objects.get(transaction_id=pk).pk

        def expire(hold_pk: int = hold_pk) -> None:
            while not hold_expire(hold_pk=hold_pk):
                if Hold.objects.get(pk=hold_pk).status != "open":
                    return

        answers = at_once(settle(pk), expire, expire, expire)
        hold = Hold.objects.get(transaction_id=pk)
        assert answers[1:] == ["done"] * 3
        assert (hold.status, answers[0]) in {("settled", "done"), ("expired", "HOLD_ENDED")}
        assert hold.settled + hold.voided == ogc(6)
    assert balance_of(user, "reserved") == ogc(6)


def test_many_withdrawals_of_one_balance_hold_what_is_there() -> None:
    user = rich_user(20)
    answers = at_once(*[lambda: opened(user)] * 10)
    assert Counter(answers) == {"done": 3, "INSUFFICIENT_BALANCE": 7}
    assert (balance_of(user), balance_of(user, "reserved")) == (ogc(2), ogc(18))
    assert Hold.objects.count() == 3


def test_one_cause_holds_and_refunds_once() -> None:
    user, held = rich_user(20), []

    def hold() -> None:
        held.append(
            token_checkout_hold(
                actor=SYSTEM, user_id=user.public_id, amount=ogc(6), source_key="p", reference="plan:pro"
            )
        )

    assert set(at_once(*[hold] * 6)) == {"done"}
    assert len(set(held)) == 1
    token_checkout_settle(actor=SYSTEM, transaction_id=held[0])

    def refund(number: int) -> Callable[[], Any]:
        return lambda: token_refund(
            actor=SYSTEM, transaction_id=held[0], amount=ogc(4), source_key=f"refund-{number}"
        )

    assert Counter(at_once(*[refund(number) for number in range(6)])) == {"done": 1, "REFUND_TOO_HIGH": 5}
    assert balance_of(user) == ogc(18)


def test_a_reward_is_released_once_or_kept_by_a_risk_hold(settings: Any) -> None:
    settings.REWARD_HOLD_SECONDS = 1
    for number in range(ROUNDS):
        clock.apply_offset(timedelta(0))
        user = rich_user(0)
        public_id = reward_give(
            actor=SYSTEM,
            user_id=user.public_id,
            amount=ogc(5),
            source=RewardSource.GRANT,
            source_key=f"grant:{number}",
            reference="grant",
            from_account="rewards_pool",
        )
        pk = Transaction.objects.get(public_id=public_id).pk
        clock.apply_offset(timedelta(seconds=2))
        release = [lambda pk=pk: reward_release(transaction_pk=pk)] * 3
        at_once(
            *release,
            lambda user=user: wallet_risk_hold(actor=SYSTEM, wallet_id=user.wallet.public_id, reason="test"),
        )
        moved = (balance_of(user), balance_of(user, "pending"))
        assert moved in {(ogc(5), 0), (0, ogc(5))}
        assert not reward_release(transaction_pk=pk)
        assert moved == (balance_of(user), balance_of(user, "pending"))
