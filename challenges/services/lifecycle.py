"""Walking the state machine of challenges.

The one service that changes a status, and the moves the clock makes.
"""

from accounts.selectors import user_pk
from challenges import locks, rules, signals
from challenges.constants import ChallengeAction, ChallengeStatus
from challenges.errors import InvalidChallengeState
from challenges.models import Challenge, ChallengeMove
from ogc import clock
from ogc.access import require
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.errors import VersionConflict
from ogc.ports import audit_record


def challenge_move(*, actor: Actor, challenge: Challenge, action: ChallengeAction, reason: str = "") -> None:
    """Walk one row of `constants.TRANSITIONS` on a locked challenge.

    Raises:
        InvalidChallengeState: the row does not start at the challenge's status.
        PermissionDenied: the actor lacks the scope of the row.

    Effects: saves the challenge, records the move, audits it (moves of the clock are only recorded), emits
    the fact that the row names.
    """
    row = rules.transition_for(action, challenge.status)
    if actor.kind != "system":
        require(actor, f"challenge.{action}", scope=row.scope)
    now, before = clock.now(), challenge.status
    challenge.status, challenge.updated_at = row.target, now
    if row.stamp:
        setattr(challenge, row.stamp, now)
    challenge.save()
    ChallengeMove.objects.create(
        challenge=challenge,
        action=action,
        from_status=before,
        to_status=row.target,
        actor_id=user_pk(actor.user_id) if actor.user_id else None,
        reason=reason,
        at=now,
    )
    if actor.kind != "system":
        audit_record(
            actor=actor,
            action=f"challenge.{action}",
            target_type="challenge",
            target_id=challenge.public_id,
            before={"status": str(before)},
            after={"status": str(row.target)},
            reason=reason,
        )
    if row.signal:
        getattr(signals, row.signal).emit(challenge_id=challenge.public_id)


def challenge_catch_up(challenge: Challenge) -> None:
    """Walk the moves that the clock has made due on a locked challenge."""
    due = rules.due_actions(
        challenge.status,
        starts_at=challenge.starts_at,
        submission_deadline=challenge.submission_deadline,
        now=clock.now(),
    )
    for action in due:
        challenge_move(actor=SYSTEM, challenge=challenge, action=action)


def challenge_for_update(
    actor: Actor, key: str | int, action: str, *, version: int | None = None
) -> Challenge:
    """Lock a challenge for a staff call, caught up with the clock.

    Raises:
        PermissionDenied: without `challenge.write`.
        NotFound: unknown.
        VersionConflict: `version` is given and stale.
    """
    require(actor, action, scope="challenge.write")
    challenge = locks.challenge_lock(key)
    challenge_catch_up(challenge)
    if version is not None and version != challenge.version:
        raise VersionConflict(version=challenge.version)
    return challenge


@transactional
def challenge_advance(*, challenge_pk: int) -> None:
    """Open or close one challenge when the clock says so. Idempotent."""
    challenge_catch_up(locks.challenge_lock(challenge_pk))


@transactional
def challenge_open(*, actor: Actor, challenge_id: str) -> Challenge:
    """Open a published challenge now, ahead of `starts_at` or instead of a late job.

    Raises:
        InvalidChallengeState: it is not published.
    """
    require(actor, "challenge.open", scope="challenge.write")
    challenge = locks.challenge_lock(challenge_id)
    challenge.starts_at = min(challenge.starts_at, clock.now())
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.OPEN)
    challenge_catch_up(challenge)
    return challenge


@transactional
def challenge_close(*, actor: Actor, challenge_id: str) -> Challenge:
    """End submissions of an open challenge now; the voting times stay.

    Raises:
        InvalidChallengeState: it is not open.
    """
    require(actor, "challenge.close", scope="challenge.write")
    challenge = locks.challenge_lock(challenge_id)
    if challenge.status == ChallengeStatus.PUBLISHED:
        challenge_catch_up(challenge)
    challenge.submission_deadline = min(challenge.submission_deadline, clock.now())
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.CLOSE)
    return challenge


@transactional
def challenge_archive(*, actor: Actor, challenge_id: str) -> Challenge:
    """Put a finished challenge away.

    Raises:
        InvalidChallengeState: its badges are not assigned yet.
    """
    challenge = challenge_for_update(actor, challenge_id, "challenge.archive")
    challenge_move(actor=actor, challenge=challenge, action=ChallengeAction.ARCHIVE)
    return challenge


def state_refusal(challenge: Challenge, action: str) -> InvalidChallengeState:
    """The refusal of something that is not a move of the table."""
    return InvalidChallengeState(status=str(challenge.status), action=action)
