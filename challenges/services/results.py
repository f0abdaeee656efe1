"""Results: what the ranks would be, and freezing them."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from accounts.constants import UserStatus
from accounts.selectors import user_pk
from challenges import locks, rules, selectors
from challenges.constants import (
    BLOCKERS_LISTED_MAX,
    ChallengeAction,
    JudgingMode,
    SubmissionStatus,
)
from challenges.errors import ResultsNotReady
from challenges.models import Challenge, JudgeAssignment, Result, Score, Submission
from challenges.services.lifecycle import challenge_for_update, challenge_move, state_refusal
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import SecondPersonRequired, ValidationFailed


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """One line of a result: the standing, the submission that counts (with author).

    Its prize in base units.
    """

    standing: rules.Standing
    submission: Submission
    prize: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What finalising gives: ranked entries, best first, and what of the pool they leave, in base units."""

    challenge: Challenge
    rows: list[RankedEntry]
    unassigned: int


def results_blockers(challenge: Challenge) -> list[dict[str, Any]]:
    """What keeps the results open, at most `BLOCKERS_LISTED_MAX` items.

    `{"kind": "review", submission_id}`, `{"kind": "judges"}` (none assigned), or
    `{"kind": "score", submission_id, judge_id}`.
    """
    pending = Submission.objects.filter(challenge=challenge, status=SubmissionStatus.PENDING)
    listed = [
        {"kind": "review", "submission_id": public_id}
        for public_id in pending.order_by("id").values_list("public_id", flat=True)[:BLOCKERS_LISTED_MAX]
    ]
    if challenge.judging_mode != JudgingMode.VOTES:
        listed += _missing_scores(challenge)
    return listed[:BLOCKERS_LISTED_MAX]


def _missing_scores(challenge: Challenge) -> list[dict[str, Any]]:
    judges = dict(
        JudgeAssignment.objects.filter(challenge=challenge)
        .order_by("id")
        .values_list("judge_id", "judge__public_id")
    )
    approved = dict(
        Submission.objects.filter(challenge=challenge, status=SubmissionStatus.APPROVED)
        .order_by("id")
        .values_list("pk", "public_id")
    )
    if approved and not judges:
        return [{"kind": "judges"}]
    given = set(
        Score.objects.filter(submission__challenge=challenge).values_list("submission_id", "judge_id")
    )
    return [
        {"kind": "score", "submission_id": public_id, "judge_id": judge_id}
        for pk, public_id in approved.items()
        for judge_pk, judge_id in judges.items()
        if (pk, judge_pk) not in given
    ]


def _judge_totals(challenge: Challenge) -> dict[int, tuple[int, ...]]:
    rows = Score.objects.filter(submission__challenge=challenge).order_by("submission_id", "judge_id")
    pairs = rows.values_list("submission_id", "total")
    return {pk: tuple(total for _, total in group) for pk, group in groupby(pairs, key=itemgetter(0))}


def _outcome(challenge: Challenge, submissions: list[Submission]) -> Outcome:
    """Rank the approved work of active people and share the pool."""
    judged = _judge_totals(challenge)
    taking_part = {row.pk: row for row in submissions if row.author.status == UserStatus.ACTIVE}
    ranked = rules.standings(
        (
            rules.Contender(pk, row.entry_id, row.vote_weight_bps, judged.get(pk, ()), row.submitted_at)
            for pk, row in taking_part.items()
        ),
        challenge.judging_mode,
        challenge.hybrid_weight,
    )
    split = rules.PrizeSplit.from_json(challenge.prize_split)
    shares = rules.prizes(split, challenge.prize_pool, [row.score for row in ranked])
    rows = [
        RankedEntry(standing, taking_part[standing.contender.submission_pk], prize)
        for standing, prize in zip(ranked, shares, strict=True)
    ]
    return Outcome(challenge, rows, challenge.prize_pool - sum(shares))


def _settle(actor: Actor, challenge_id: str) -> tuple[Challenge, Outcome]:
    """Lock everything that counts and work the results out, when nothing is open any more."""
    challenge = challenge_for_update(actor, challenge_id, "challenge.finalize")
    rules.transition_for(ChallengeAction.FINALIZE, challenge.status)
    if clock.now() < challenge.voting_ends_at:
        raise state_refusal(challenge, "finalize")
    locked = locks.submissions_lock(challenge.pk, SubmissionStatus.APPROVED)
    blockers = results_blockers(challenge)
    if blockers:
        raise ResultsNotReady(open=blockers)
    return challenge, _outcome(challenge, locked)


@transactional
def results_preview(*, actor: Actor, challenge_id: str) -> Outcome:
    """What finalising would give now; writes nothing but the moves that were due by the clock.

    Raises:
        As `challenge_finalize`.
    """
    return _settle(actor, challenge_id)[1]


@transactional
def challenge_finalize(*, actor: Actor, challenge_id: str) -> Outcome:
    """Freeze the ranks and prizes of a challenge whose voting is over.

    People who are not active any more are skipped, and the ranks move up.

    Raises:
        InvalidChallengeState: not reviewing, or voting has not ended.
        ResultsNotReady: reviews or required scores are open; `open` lists them.

    Effects: result rows, frozen submissions, `challenge_finalized`.
    """
    challenge, outcome = _settle(actor, challenge_id)
    now = clock.now()
    Result.objects.bulk_create(
        [
            Result(
                challenge=challenge,
                entry_id=row.submission.entry_id,
                submission=row.submission,
                user_id=row.submission.author_id,
                rank=row.standing.rank,
                score=row.standing.score,
                votes_score=row.standing.votes_score,
                judges_score=row.standing.judges_score,
                prize=row.prize,
                created_at=now,
            )
            for row in outcome.rows
        ],
        batch_size=500,
    )
    Submission.objects.filter(challenge=challenge).update(frozen_at=now)
    challenge.finalized_by_id = user_pk(actor.user_id or "")
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.FINALIZE)
    return outcome


@transactional
def challenge_reopen(*, actor: Actor, challenge_id: str, reason: str) -> Challenge:
    """Take results back before any distribution, by somebody else than who finalised.

    Raises:
        InvalidChallengeState: not finalised, or the distribution has begun.
        SecondPersonRequired: the actor finalised it.
        ValidationFailed: no reason.
    """
    if not reason.strip():
        raise ValidationFailed({"reason": [("required", "Say why the results are reopened.")]})
    challenge = challenge_for_update(actor, challenge_id, "challenge.reopen")
    rules.transition_for(ChallengeAction.REOPEN, challenge.status)
    if challenge.distribution_started_at:
        raise state_refusal(challenge, "reopen")
    if challenge.finalized_by_id == selectors.actor_pk(actor):
        raise SecondPersonRequired
    Result.objects.filter(challenge=challenge).delete()
    Submission.objects.filter(challenge=challenge).update(frozen_at=None)
    challenge.finalized_by = challenge.finalized_at = None
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.REOPEN, reason=reason.strip())
    return challenge
