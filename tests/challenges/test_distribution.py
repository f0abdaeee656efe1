"""A distribution as work that survives whoever does it."""

import pytest

from accounts.services import actor_for
from challenges import jobs
from challenges.models import Challenge, PrizeAward
from challenges.services import distribution
from ogc.errors import NotFound
from ogc.models import DomainEvent
from tests.factories import challenges as make
from tests.factories.wallets import account_balance, balance_of, ogc

pytestmark = pytest.mark.mariadb
WINNERS = 6


@pytest.fixture
def large(staff, people, monkeypatch):
    """A finalised challenge with more winners than are paid at once; returns (challenge, winners by rank)."""
    monkeypatch.setattr(distribution, "INLINE_AWARDS_MAX", WINNERS - 1)
    challenge = make.opened(staff.ops, prize_split=make.fixed_split(*([10] * WINNERS)))
    winners = [make.person(name=f"W{number}") for number in range(WINNERS)]
    works = [make.approved(user, challenge, staff.moderator) for user in winners]
    make.to_voting(challenge)
    make.voted(people.eve, works[0])
    return make.finalized(challenge, staff.ops), winners


def start(challenge, admin):
    return distribution.challenge_distribute(actor=actor_for(admin), challenge_id=challenge.public_id)


def test_many_prizes_are_left_to_the_job(staff, large, drain):
    challenge, winners = large
    outcome = start(challenge, staff.ops2)
    assert not outcome.is_complete
    assert PrizeAward.objects.filter(status="queued").count() == WINNERS
    assert [balance_of(user) for user in winners] == [0] * WINNERS
    drain()
    assert [balance_of(user) for user in winners] == [ogc(10)] * WINNERS
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert account_balance(f"escrow:challenge:{challenge.public_id}") == 0


def test_a_crash_in_the_middle_goes_on_where_it_was(staff, large, drain, monkeypatch):
    challenge, winners = large
    start(challenge, staff.ops2)
    pay, paid = distribution.challenge_reward_pay, []

    def dies(**call):
        if len(paid) == 3:
            raise KeyboardInterrupt
        paid.append(call["user_id"])
        return pay(**call)

    monkeypatch.setattr(distribution, "challenge_reward_pay", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.distribution_continue(challenge.pk)
    assert PrizeAward.objects.filter(status="paid").count() == 3
    assert Challenge.objects.get(pk=challenge.pk).status == "finalized"
    monkeypatch.setattr(distribution, "challenge_reward_pay", pay)
    drain()
    left = PrizeAward.objects.filter(status="queued")
    assert [row.lease_until is not None for row in left] == [True]
    left.update(lease_until=None)
    drain()
    assert [balance_of(user) for user in winners] == [ogc(10)] * WINNERS
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert DomainEvent.objects.filter(name="challenges.rewards_distributed").count() == 1


def test_a_crash_before_the_end_is_finished_by_the_sweep(staff, large, drain, monkeypatch):
    challenge, _ = large
    start(challenge, staff.ops2)
    complete = distribution.distribution_complete
    monkeypatch.setattr(distribution, "distribution_complete", lambda **call: None)
    jobs.distribution_continue(challenge.pk)
    assert not PrizeAward.objects.exclude(status="paid").exists()
    assert distribution.distributions_due(10) == [challenge.pk]
    monkeypatch.setattr(distribution, "distribution_complete", complete)
    drain()
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert distribution.distributions_due(10) == []


def test_a_refused_prize_waits_and_at_last_asks_for_a_person(staff, large, monkeypatch):
    challenge, winners = large
    start(challenge, staff.ops2)
    pay, unlucky = distribution.challenge_reward_pay, winners[3].public_id

    def refuses(**call):
        if call["user_id"] == unlucky:
            raise NotFound
        return pay(**call)

    monkeypatch.setattr(distribution, "challenge_reward_pay", refuses)
    for _ in range(distribution.AWARD_ATTEMPTS_MAX):
        jobs.distribution_continue(challenge.pk)
        PrizeAward.objects.filter(status="queued").update(next_attempt_at=None)
    failed = PrizeAward.objects.get(status="failed")
    assert (failed.user, failed.attempts) == (winners[3], distribution.AWARD_ATTEMPTS_MAX)
    assert failed.last_error.startswith("NOT_FOUND")
    assert Challenge.objects.get(pk=challenge.pk).status == "finalized"
    assert distribution.distributions_due(10) == []
    monkeypatch.setattr(distribution, "challenge_reward_pay", pay)
    distribution.award_retry(actor=actor_for(staff.ops), award_pk=failed.pk)
    jobs.distribution_continue(challenge.pk)
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert balance_of(winners[3]) == ogc(10)


def test_a_leased_prize_is_left_alone(staff, large):
    challenge, _ = large
    start(challenge, staff.ops2)
    first = PrizeAward.objects.order_by("rank").first()
    assert distribution.claim(PrizeAward, first.pk, statuses=["queued"])
    jobs.distribution_continue(challenge.pk)
    first.refresh_from_db()
    assert first.status == "queued"
    assert PrizeAward.objects.filter(status="paid").count() == WINNERS - 1


def test_starting_again_changes_nothing(staff, large):
    challenge, _ = large
    for _ in range(2):
        start(challenge, staff.ops2)
    assert PrizeAward.objects.count() == WINNERS
