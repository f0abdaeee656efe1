"""Many at once, on real connections: votes, entries, submissions, distributions, points."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connections

from accounts.services import actor_for
from challenges.constants import DAILY_LIMITS, PointAction
from challenges.errors import (
    ChallengeAlreadyEntered,
    InvalidSubmissionState,
    SubmissionLimitReached,
    VoteAlreadyCast,
)
from challenges.models import (
    Challenge,
    ContributionEvent,
    Contributor,
    Entry,
    PrizeAward,
    Submission,
    Vote,
)
from challenges.services import distribution
from challenges.services.contributions import points_award
from challenges.services.entries import challenge_enter
from challenges.services.reviews import submission_approve, submission_reject
from challenges.services.submissions import submission_create
from challenges.services.votes import vote_cast, vote_withdraw
from ogc import clock
from ogc.errors import DomainError, NotFound
from tests.factories import challenges as make
from tests.factories.wallets import account_balance, balance_of, ogc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CLIENTS = 20


def at_once(count: int, call: Callable[[int], object]) -> Counter:
    """How often each of `count` threads, started at the same instant, was done or refused with what."""
    barrier = Barrier(count)

    def run(number: int) -> object:
        try:
            barrier.wait()
            call(number)
        except DomainError as error:
            return type(error)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


@pytest.fixture
def contest(transactional_db, staff, people) -> SimpleNamespace:
    """A challenge in its voting time with one approved work of Ada."""
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    return SimpleNamespace(challenge=challenge, work=work)


def test_one_person_votes_twenty_times(contest, people):
    actor = actor_for(people.cleo)
    answers = at_once(CLIENTS, lambda _: vote_cast(actor=actor, submission_id=contest.work.public_id))
    assert answers == {"done": 1, VoteAlreadyCast: CLIENTS - 1}
    work = Submission.objects.get(pk=contest.work.pk)
    assert (work.vote_count, work.vote_weight_bps, Vote.objects.count()) == (1, 10_000, 1)


def test_twenty_people_vote_for_one_work(contest):
    actors = [actor_for(make.person()) for _ in range(CLIENTS)]
    answers = at_once(CLIENTS, lambda n: vote_cast(actor=actors[n], submission_id=contest.work.public_id))
    assert answers == {"done": CLIENTS}
    work = Submission.objects.get(pk=contest.work.pk)
    assert (work.vote_count, work.vote_weight_bps) == (CLIENTS, CLIENTS * 10_000)
    answers = at_once(CLIENTS, lambda n: vote_withdraw(actor=actors[n], submission_id=contest.work.public_id))
    assert answers == {"done": CLIENTS}
    work.refresh_from_db()
    assert (work.vote_count, work.vote_weight_bps, Vote.objects.count()) == (0, 0, 0)


def test_a_vote_taken_back_twenty_times_counts_once(contest, people):
    actor = actor_for(people.cleo)
    vote_cast(actor=actor, submission_id=contest.work.public_id)
    answers = at_once(CLIENTS, lambda _: vote_withdraw(actor=actor, submission_id=contest.work.public_id))
    assert answers == {"done": 1, NotFound: CLIENTS - 1}
    work = Submission.objects.get(pk=contest.work.pk)
    assert (work.vote_count, work.vote_weight_bps) == (0, 0)


def test_votes_and_their_withdrawals_take_locks_in_one_order(contest):
    """Two that lock the row and its index the other way round would be given up by the database."""
    actors = [actor_for(make.person()) for _ in range(CLIENTS)]

    def change_my_mind(number: int) -> None:
        for _ in range(5):
            vote_cast(actor=actors[number], submission_id=contest.work.public_id)
            vote_withdraw(actor=actors[number], submission_id=contest.work.public_id)

    assert at_once(CLIENTS, change_my_mind) == {"done": CLIENTS}
    work = Submission.objects.get(pk=contest.work.pk)
    assert (work.vote_count, work.vote_weight_bps, Vote.objects.count()) == (0, 0, 0)


def test_one_person_enters_twenty_times(transactional_db, staff, people):
    challenge, actor = make.opened(staff.ops), actor_for(people.ada)
    answers = at_once(CLIENTS, lambda _: challenge_enter(actor=actor, challenge_id=challenge.public_id))
    assert answers == {"done": 1, ChallengeAlreadyEntered: CLIENTS - 1}
    assert Challenge.objects.get(pk=challenge.pk).entry_count == Entry.objects.count() == 1


def test_twenty_people_enter(transactional_db, staff):
    challenge = make.opened(staff.ops)
    actors = [actor_for(make.person()) for _ in range(CLIENTS)]
    answers = at_once(CLIENTS, lambda n: challenge_enter(actor=actors[n], challenge_id=challenge.public_id))
    assert answers == {"done": CLIENTS}
    assert Challenge.objects.get(pk=challenge.pk).entry_count == CLIENTS


def test_the_limit_of_submissions_holds(transactional_db, staff, people):
    challenge = make.opened(staff.ops, max_submissions=3)
    make.entered(people.ada, challenge)
    actor = actor_for(people.ada)
    answers = at_once(
        CLIENTS,
        lambda n: submission_create(actor=actor, challenge_id=challenge.public_id, text=f"Idea {n}"),
    )
    assert answers == {"done": 3, SubmissionLimitReached: CLIENTS - 3}
    assert Challenge.objects.get(pk=challenge.pk).submission_count == Submission.objects.count() == 3


def test_two_reviewers_decide_once(transactional_db, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    reviewers = [actor_for(staff.moderator), actor_for(make.person("moderator"))]

    def decide(number: int) -> None:
        if number:
            submission_approve(actor=reviewers[1], submission_id=work.public_id, version=1)
        else:
            submission_reject(actor=reviewers[0], submission_id=work.public_id, version=1, reason="No")

    assert at_once(2, decide) == {"done": 1, InvalidSubmissionState: 1}


def test_ten_calls_distribute_once(contest, staff, people):
    make.voted(people.cleo, contest.work)
    challenge = make.finalized(contest.challenge, staff.ops)
    pool = account_balance("rewards_pool")
    actor = actor_for(staff.ops2)
    answers = at_once(
        10, lambda _: distribution.challenge_distribute(actor=actor, challenge_id=challenge.public_id)
    )
    assert answers == {"done": 10}
    assert balance_of(people.ada) == ogc(150)
    assert account_balance("rewards_pool") == pool + ogc(150)
    assert PrizeAward.objects.count() == 1


def test_five_workers_share_one_distribution(transactional_db, staff, people, monkeypatch):
    monkeypatch.setattr(distribution, "INLINE_AWARDS_MAX", 0)
    challenge = make.opened(staff.ops, prize_split=make.fixed_split(*([10] * 12)))
    winners = [make.person() for _ in range(12)]
    works = [make.approved(user, challenge, staff.moderator) for user in winners]
    make.to_voting(challenge)
    make.voted(people.eve, works[0])
    make.finalized(challenge, staff.ops)
    distribution.challenge_distribute(actor=actor_for(staff.ops2), challenge_id=challenge.public_id)
    at_once(5, lambda _: distribution.distribution_continue(challenge_pk=challenge.pk))
    distribution.distribution_continue(challenge_pk=challenge.pk)
    assert [balance_of(user) for user in winners] == [ogc(10)] * 12
    assert Challenge.objects.get(pk=challenge.pk).status == "rewards_distributed"
    assert account_balance(f"escrow:challenge:{challenge.public_id}") == 0


def test_the_daily_limit_holds(transactional_db, money):
    user, now = make.person(), clock.now()
    limit = DAILY_LIMITS[PointAction.VOTE_CAST]
    for number in range(limit - 5):
        points_award(
            user_id=user.public_id,
            action=PointAction.VOTE_CAST,
            source_key=f"before-{number}",
            occurred_at=now,
        )
    at_once(
        CLIENTS,
        lambda n: points_award(
            user_id=user.public_id,
            action=PointAction.VOTE_CAST,
            source_key=f"at-once-{n}",
            occurred_at=now,
        ),
    )
    assert ContributionEvent.objects.count() == limit
    assert Contributor.objects.get(user=user).points_milli == limit * 1_000
