"""Voting: one vote per person and submission, weighted by plan, counted on the submission itself."""

from django.db import IntegrityError
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from accounts.selectors import plan_get, require_verified
from challenges import locks, rules, selectors, signals
from challenges.constants import ChallengeStatus, JudgingMode, SubmissionStatus
from challenges.errors import VoteAlreadyCast, VoteNotAllowed, VoteSelfNotAllowed
from challenges.models import Submission, Vote
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound


def _check_window(submission: Submission) -> None:
    challenge = submission.challenge
    if challenge.judging_mode == JudgingMode.JUDGES:
        raise VoteNotAllowed("This challenge is decided by judges.", reason="judging_mode")
    voting = selectors.status_now(challenge) == ChallengeStatus.REVIEWING and rules.voting_is_open(
        voting_starts_at=challenge.voting_starts_at, voting_ends_at=challenge.voting_ends_at, now=clock.now()
    )
    if not voting or submission.status != SubmissionStatus.APPROVED:
        raise VoteNotAllowed("Voting is not open.", reason="window")


def _count(submission: Submission, *, votes: int, weight_bps: int) -> None:
    """Move the counters of a submission whose ranks are not frozen.

    Comes before the vote row is written: its foreign key would take a shared lock on the submission first,
    and two voters at once would wait for each other. The status is compared as an expression, so that the
    row is found, and locked, by its number: found by an index on the status it would be locked the other
    way round than by those who lock the row first.
    """
    live = Submission.objects.alias(state=Coalesce("status", Value(""))).filter(
        pk=submission.pk, state=SubmissionStatus.APPROVED, frozen_at__isnull=True
    )
    moved = live.update(vote_count=F("vote_count") + votes, vote_weight_bps=F("vote_weight_bps") + weight_bps)
    if not moved:
        raise VoteNotAllowed("Voting is not open.", reason="window")


@transactional
def vote_cast(*, actor: Actor, submission_id: str) -> Vote:
    """Vote for a submission with the weight of the voter's plan now.

    Raises:
        NotFound: the voter can't see the submission (before the deadline that is everybody else's).
        VoteSelfNotAllowed: one's own or one's team's.
        VoteNotAllowed: staff, judges of the challenge, outside the window; `reason` says which.
        EmailNotVerified, VoteAlreadyCast.

    Effects: vote row, counters of the submission, `vote_cast`.
    """
    require(actor, "submission.vote", scope="self")
    submission = selectors.submission_visible(actor, submission_id)
    voter_pk = selectors.actor_pk(actor)
    if selectors.is_own_work(submission, voter_pk):
        raise VoteSelfNotAllowed
    if actor.is_staff:
        raise VoteNotAllowed("Staff do not vote.", reason="staff")
    require_verified(actor)
    _check_window(submission)
    hybrid = submission.challenge.judging_mode == JudgingMode.HYBRID
    if hybrid and selectors.is_judge(submission.challenge_id, voter_pk):
        raise VoteNotAllowed("You judge this challenge.", reason="judge")
    weight_bps = plan_get(actor.plan).vote_weight_bps
    _count(submission, votes=1, weight_bps=weight_bps)
    try:
        vote = Vote.objects.create(submission=submission, voter_id=voter_pk, weight_bps=weight_bps)
    except IntegrityError:
        raise VoteAlreadyCast from None
    signals.vote_cast.emit(
        submission_id=submission.public_id,
        challenge_id=submission.challenge.public_id,
        voter_id=actor.user_id,
        author_id=submission.author.public_id,
    )
    return vote


@transactional
def vote_withdraw(*, actor: Actor, submission_id: str) -> None:
    """Take one's vote back while voting is open.

    Raises:
        NotFound: there is no such vote.
        VoteNotAllowed: voting is over.
    """
    require(actor, "submission.vote", scope="self")
    submission = selectors.submission_visible(actor, submission_id)
    locks.submission_lock(submission_id)
    vote = Vote.objects.filter(submission=submission, voter_id=selectors.actor_pk(actor)).first()
    if vote is None:
        raise NotFound
    _check_window(submission)
    _count(submission, votes=-1, weight_bps=-vote.weight_bps)
    vote.delete()
