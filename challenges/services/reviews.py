"""Deciding on work: approval, rejection, judges' scores."""

from typing import Any

from challenges import locks, rules, selectors, signals
from challenges.constants import ChallengeStatus, JudgingMode, SubmissionStatus
from challenges.errors import InvalidSubmissionState, ReviewOwnNotAllowed
from challenges.models import Score, Submission
from challenges.services.lifecycle import state_refusal
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import PermissionDenied, ValidationFailed, VersionConflict
from ogc.ports import audit_record

REVIEWABLE = (ChallengeStatus.OPEN, ChallengeStatus.REVIEWING)


def _decide(*, actor: Actor, submission_id: str, version: int, verb: str, reason: str) -> Submission:
    """Lock, check and decide one submission; the common part of approval and rejection."""
    require(actor, f"submission.{verb}", scope="submission.review")
    submission = locks.submission_lock(submission_id)
    reviewer_pk = selectors.actor_pk(actor)
    if selectors.is_own_work(submission, reviewer_pk):
        raise ReviewOwnNotAllowed
    if submission.version != version:
        raise VersionConflict(version=submission.version)
    if submission.frozen_at or selectors.status_now(submission.challenge) not in REVIEWABLE:
        raise InvalidSubmissionState("The results of this challenge are settled.")
    before = submission.status
    submission.status = rules.submission_target(verb, before)
    submission.reviewed_by_id, submission.reviewed_at = reviewer_pk, clock.now()
    submission.review_reason = reason
    submission.save(update_fields=["status", "reviewed_by", "reviewed_at", "review_reason"])
    audit_record(
        actor=actor,
        action=f"submission.{verb}",
        target_type="submission",
        target_id=submission.public_id,
        before={"status": str(before), "version": version},
        after={"status": str(submission.status), "version": version},
        reason=reason,
    )
    return submission


@transactional
def submission_approve(*, actor: Actor, submission_id: str, version: int) -> Submission:
    """Approve the version that the reviewer saw.

    Raises:
        PermissionDenied, NotFound, ReviewOwnNotAllowed, VersionConflict, InvalidSubmissionState.
    """
    submission = _decide(actor=actor, submission_id=submission_id, version=version, verb="approve", reason="")
    signals.submission_approved.emit(
        submission_id=submission.public_id,
        challenge_id=submission.challenge.public_id,
        user_id=submission.author.public_id,
    )
    return submission


@transactional
def submission_reject(*, actor: Actor, submission_id: str, version: int, reason: str) -> Submission:
    """Reject the version that the reviewer saw, with a reason for its author.

    Raises:
        ValidationFailed: no reason.
        PermissionDenied, NotFound, ReviewOwnNotAllowed, VersionConflict, InvalidSubmissionState.
    """
    if not reason.strip():
        raise ValidationFailed({"reason": [("required", "Tell the author why.")]})
    submission = _decide(
        actor=actor, submission_id=submission_id, version=version, verb="reject", reason=reason.strip()
    )
    signals.submission_rejected.emit(
        submission_id=submission.public_id,
        challenge_id=submission.challenge.public_id,
        user_id=submission.author.public_id,
        reason=submission.review_reason,
    )
    return submission


@transactional
def score_put(*, actor: Actor, submission_id: str, scores: dict[str, Any], comment: str = "") -> Score:
    """Give or replace one's scores of an approved submission, after the deadline and before the results.

    Args:
        scores: criterion name → 0–100, each criterion once.

    Raises:
        PermissionDenied: not a judge of this challenge.
        NotFound, ReviewOwnNotAllowed, InvalidSubmissionState, InvalidChallengeState, ValidationFailed.
    """
    require(actor, "submission.score", scope="submission.judge")
    submission = locks.submission_lock(submission_id)
    judge_pk, challenge = selectors.actor_pk(actor), submission.challenge
    if not selectors.is_judge(challenge.pk, judge_pk):
        selectors.submission_visible(actor, submission_id)
        raise PermissionDenied("You are not a judge of this challenge.", scope="submission.judge")
    if selectors.is_own_work(submission, judge_pk):
        raise ReviewOwnNotAllowed
    if challenge.judging_mode == JudgingMode.VOTES or (
        selectors.status_now(challenge) != ChallengeStatus.REVIEWING
    ):
        raise state_refusal(challenge, "score")
    if submission.status != SubmissionStatus.APPROVED or submission.frozen_at:
        raise InvalidSubmissionState(status=str(submission.status), action="score")
    problem = rules.scores_problem(scores, challenge.criteria)
    if problem:
        raise ValidationFailed({"scores": [problem]})
    score, _ = Score.objects.update_or_create(
        submission=submission,
        judge_id=judge_pk,
        defaults={
            "scores": scores,
            "total": rules.judge_total(challenge.criteria, scores),
            "comment": comment,
            "updated_at": clock.now(),
        },
    )
    return score
