"""Reads of submissions: before the deadline only author, team, reviewers and assigned judges see them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from challenges.constants import (
    ChallengeStatus,
    JudgingMode,
    SubmissionStatus,
    TeamMemberStatus,
    Visibility,
)
from challenges.models import Challenge, JudgeAssignment, Score, Submission, TeamMember
from challenges.selectors.challenges import AFTER_DEADLINE, actor_pk, is_judge, status_now
from ogc.actors import Actor
from ogc.errors import NotFound


def is_own_work(submission: Submission, person_pk: int) -> bool:
    """Whether a submission is this person's or their team's."""
    if submission.author_id == person_pk:
        return True
    return (
        submission.team_id is not None
        and TeamMember.objects.filter(
            team_id=submission.team_id, user_id=person_pk, status=TeamMemberStatus.ACTIVE
        ).exists()
    )


def content_is_known(challenge_pk: int, author_pk: int, content_hash: str) -> bool:
    """Whether somebody else handed in the same content; flagged for the reviewer, not refused."""
    same = Submission.objects.filter(challenge_id=challenge_pk, content_hash=content_hash)
    return same.exclude(author_id=author_pk).exists()


def _submissions() -> QuerySet[Submission]:
    return Submission.objects.select_related("challenge", "author")


def _sees_as_insider(actor: Actor, submission: Submission) -> bool:
    """Author, team, reviewers and assigned judges see work at any time."""
    me = actor_pk(actor)
    if not me:
        return actor.has("submission.review")
    if submission.author_id == me or actor.has("submission.review"):
        return True
    return is_own_work(submission, me) or is_judge(submission.challenge_id, me)


def submission_visible(actor: Actor, submission_id: str) -> Submission:
    """A submission that the actor may see, with its challenge and author.

    Raises:
        NotFound: unknown; or the actor is an outsider and it is not approved or the deadline is not over.
    """
    submission = _submissions().filter(public_id=submission_id).first()
    if submission is None:
        raise NotFound
    if _is_public(submission) or _sees_as_insider(actor, submission):
        return submission
    raise NotFound


def submission_is_public(public_id: str) -> bool:
    """Whether anybody may see the submission, and so report it."""
    submission = _submissions().filter(public_id=public_id, status=SubmissionStatus.APPROVED).first()
    return submission is not None and _is_public(submission)


def _is_public(submission: Submission) -> bool:
    return (
        submission.status == SubmissionStatus.APPROVED
        and submission.challenge.visibility == Visibility.PUBLIC
        and status_now(submission.challenge) in AFTER_DEADLINE
    )


def submissions_of_challenge(actor: Actor, challenge: Challenge) -> QuerySet[Submission]:
    """The approved work of a challenge once its deadline is over.

    Before it, what the actor may see anyway.
    """
    rows = _submissions().filter(challenge=challenge, status=SubmissionStatus.APPROVED)
    if status_now(challenge) in AFTER_DEADLINE or actor.has("submission.review"):
        return rows
    me = actor_pk(actor)
    if me and is_judge(challenge.pk, me):
        return rows
    return rows.filter(author_id=me)


def submissions_mine(actor: Actor) -> QuerySet[Submission]:
    """Everything that the actor or an own team handed in, whatever became of it."""
    me = actor_pk(actor)
    teams = TeamMember.objects.filter(user_id=me, status=TeamMemberStatus.ACTIVE).values("team_id")
    return _submissions().filter(Q(author_id=me) | Q(team_id__in=teams))


def submissions_pending(actor: Actor) -> QuerySet[Submission]:
    """Work that waits for this reviewer: not their own, and not of challenges that were called off."""
    me = actor_pk(actor)
    team = TeamMember.objects.filter(team_id=OuterRef("team_id"), user_id=me, status=TeamMemberStatus.ACTIVE)
    waiting = _submissions().filter(status=SubmissionStatus.PENDING, frozen_at__isnull=True)
    return (
        waiting.exclude(author_id=me)
        .exclude(challenge__status=ChallengeStatus.CANCELLED)
        .exclude(Exists(team))
    )


def submissions_to_judge(actor: Actor) -> QuerySet[Submission]:
    """A judge's queue: approved work of assigned challenges under review that they have not scored yet."""
    me = actor_pk(actor)
    mine = JudgeAssignment.objects.filter(judge_id=me).values("challenge_id")
    scored = Score.objects.filter(submission_id=OuterRef("pk"), judge_id=me)
    rows = _submissions().filter(challenge__in=mine, status=SubmissionStatus.APPROVED, frozen_at__isnull=True)
    return rows.filter(
        challenge__status=ChallengeStatus.REVIEWING,
        challenge__judging_mode__in=[JudgingMode.JUDGES, JudgingMode.HYBRID],
    ).exclude(Exists(scored))
