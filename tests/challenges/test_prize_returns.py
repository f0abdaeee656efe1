"""Prizes that were taken back: they return to the pool once, and no money is forgotten in an escrow."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.services import actor_for, user_suspend
from challenges import jobs
from challenges.models import Challenge, PrizeAward
from challenges.services import distribution
from challenges.services.escrow_check import escrows_check
from challenges.services.prize_returns import prize_return
from governance.models import AuditRecord
from ogc.actors import SYSTEM
from ogc.errors import NotFound
from tests.factories import challenges as make
from tests.factories.wallets import account_balance, balance_of, ogc
from wallets.models import Transaction
from wallets.services.escrows import escrow_fund
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.reversals import reversal_request

pytestmark = pytest.mark.mariadb


def escrow_of(challenge):
    return account_balance(f"escrow:challenge:{challenge.public_id}")


def wrong():
    return [result.detail for result in reconcile() if result.status == CheckStatus.WRONG]


def finalized(staff, people, *prizes, **changes):
    """A challenge of 300 OGC with a winner of each prize, best rank first."""
    challenge = make.opened(staff.ops, prize_split=make.fixed_split(*prizes), **changes)
    winners = [make.person(name=f"W{number}") for number in range(len(prizes))]
    works = [make.approved(user, challenge, staff.moderator) for user in winners]
    make.to_voting(challenge)
    make.voted(people.eve, works[0])
    return make.finalized(challenge, staff.ops), winners


def distribute(challenge, admin):
    distribution.challenge_distribute(actor=actor_for(admin), challenge_id=challenge.public_id)


def undo(award, actor):
    return reversal_request(actor=actor, transaction_id=award.transaction_id, reason="Copied").transaction_id


def award_of(user):
    return PrizeAward.objects.get(user=user)


def test_one_prize_of_many_returns_to_the_pool(staff, people, drain):
    finance = actor_for(make.person("finance"))
    challenge, (ann, bob, eve) = finalized(staff, people, 50, 40, 30)
    distribute(challenge, staff.ops2)
    pool = account_balance("rewards_pool")
    reversal = undo(award_of(bob), finance)
    assert (escrow_of(challenge), wrong()) == (ogc(40), [])
    drain()
    assert (escrow_of(challenge), account_balance("rewards_pool"), wrong()) == (0, pool + ogc(40), [])
    assert [balance_of(user) for user in (ann, bob, eve)] == [ogc(50), 0, ogc(30)]
    assert [award_of(user).status for user in (ann, bob, eve)] == ["paid", "returned", "paid"]
    [refund] = Transaction.objects.filter(postings__source_key=f"escrow_refund:reversal:{reversal}")
    assert (refund.type, refund.amount, refund.reference) == (
        "escrow_refund", ogc(40), f"challenge:{challenge.public_id}",
    )  # fmt: skip
    record = AuditRecord.objects.get(action="challenge.prize_return")
    assert (record.actor_kind, record.target_id, record.reason) == (
        "system", award_of(bob).public_id, "Copied",
    )  # fmt: skip
    assert record.before == '{"status":"paid"}'
    prize_return(
        challenge_id=challenge.public_id,
        reward_id=award_of(bob).transaction_id,
        reversal_id=reversal,
        reason="again",
    )
    assert (escrow_of(challenge), account_balance("rewards_pool")) == (0, pool + ogc(40))
    assert AuditRecord.objects.filter(action="challenge.prize_return").count() == 1


def test_shares_that_are_held_stay(staff, people, drain):
    finance = actor_for(make.person("finance"))
    challenge, (ann, bob) = finalized(staff, people, 50, 40)
    user_suspend(actor=SYSTEM, user_id=bob.public_id, reason="looked at")
    distribute(challenge, staff.ops2)
    undo(award_of(ann), finance)
    drain()
    assert (escrow_of(challenge), wrong()) == (ogc(40), [])


def test_a_prize_taken_back_before_the_last_is_paid_goes_with_the_rest(staff, people, monkeypatch, drain):
    finance = actor_for(make.person("finance"))
    monkeypatch.setattr(distribution, "INLINE_AWARDS_MAX", 1)
    monkeypatch.setattr(distribution, "AWARD_BATCH", 1)
    challenge, (ann, bob) = finalized(staff, people, 50, 40)
    pool = account_balance("rewards_pool")
    distribute(challenge, staff.ops2)
    jobs.distribution_continue(challenge.pk)
    assert (escrow_of(challenge), wrong()) == (ogc(250), [])
    reversal = undo(award_of(ann), finance)
    assert (escrow_of(challenge), wrong()) == (ogc(300), [])
    prize_return(
        challenge_id=challenge.public_id,
        reward_id=award_of(ann).transaction_id,
        reversal_id=reversal,
        reason="r",
    )
    assert (escrow_of(challenge), wrong()) == (ogc(300), [])
    drain()
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert (escrow_of(challenge), account_balance("rewards_pool")) == (0, pool + ogc(260))
    assert (award_of(ann).status, balance_of(ann), balance_of(bob), wrong()) == ("returned", 0, ogc(40), [])


def test_unknown_prizes_are_no_prizes(staff, people):
    challenge, _ = finalized(staff, people, 50)
    for challenge_id in (challenge.public_id, "018f0000-0000-7000-8000-000000000001"):
        with pytest.raises(NotFound):
            prize_return(challenge_id=challenge_id, reward_id="x", reversal_id="y", reason="r")


@pytest.mark.parametrize("status", ["cancelled", "rewards_distributed", "archived"])
def test_money_that_nobody_awaits_is_found(staff, people, status):
    challenge, _ = finalized(staff, people, 50)
    assert escrows_check().status == CheckStatus.OK
    Challenge.objects.filter(pk=challenge.pk).update(status=status)
    assert wrong() == [
        f"challenge {challenge.public_id} ({status}): escrow {ogc(300)}, awaited 0",
    ]


def test_so_is_money_that_is_missing_or_too_much(staff):
    challenge = make.draft(staff.ops)
    escrow_fund(actor=SYSTEM, challenge_id=challenge.public_id, amount=ogc(1))
    assert wrong() == [f"challenge {challenge.public_id} (draft): escrow {ogc(1)}, awaited 0"]
    Challenge.objects.filter(pk=challenge.pk).update(status="open")
    assert wrong() == [f"challenge {challenge.public_id} (open): escrow {ogc(1)}, awaited {ogc(300)}"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_prizes_return_once_and_all_of_them_at_once(staff, people, drain):
    challenge, winners = finalized(staff, people, 10, 10, 10, 10)
    distribute(challenge, staff.ops2)
    pool, finance = account_balance("rewards_pool"), actor_for(make.person("finance"))
    reversals = {user.pk: undo(award_of(user), finance) for user in winners}

    def give_back(user):
        try:
            prize_return(
                challenge_id=challenge.public_id,
                reward_id=award_of(user).transaction_id,
                reversal_id=reversals[user.pk],
                reason="r",
            )
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(8) as many:
        assert Counter(many.map(give_back, [*winners, *winners])) == {"done": 8}
    drain()
    assert (escrow_of(challenge), account_balance("rewards_pool"), wrong()) == (0, pool + ogc(40), [])
    assert Transaction.objects.filter(postings__source_key__startswith="escrow_refund:reversal").count() == 4
