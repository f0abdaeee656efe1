"""Taking part in a challenge, and leaving it."""

from django.db import IntegrityError
from django.db.models import F

from accounts.constants import UserStatus
from accounts.models import User
from accounts.selectors import plan_get, require_verified
from accounts.services import user_hold
from challenges import locks, rules, selectors, signals
from challenges.constants import ChallengeStatus, EntryStatus, SubmissionStatus
from challenges.errors import (
    ChallengeAlreadyEntered,
    ChallengeNotEligible,
    ChallengeNotEntered,
    ChallengeNotOpen,
    ChallengePlanRequired,
    SubmissionDeadlinePassed,
)
from challenges.models import Challenge, Entry, Submission
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional

OPEN_IN_DATABASE = (ChallengeStatus.PUBLISHED, ChallengeStatus.OPEN)


def eligibility_check(user: User, challenge: Challenge) -> None:
    """Whether this person may take part at all.

    Raises:
        ChallengeNotEligible, ChallengePlanRequired.
    """
    if user.status != UserStatus.ACTIVE:
        raise ChallengeNotEligible(reason="account")
    if challenge.created_by_id == user.pk or selectors.is_judge(challenge.pk, user.pk):
        raise ChallengeNotEligible("Who runs or judges a challenge can't take part in it.", reason="involved")
    if not rules.track_fits(user.track, challenge.track):
        raise ChallengeNotEligible(reason="track", track=challenge.track)
    plan = user.plan
    if plan.position < plan_get(challenge.minimum_plan).position:
        raise ChallengePlanRequired(plan=challenge.minimum_plan)
    if challenge.premium and not plan.premium:
        raise ChallengePlanRequired(premium=True)


@transactional
def challenge_enter(*, actor: Actor, challenge_id: str) -> Entry:
    """Enter a challenge.

    Raises:
        NotFound: unknown, or the actor may not know of it.
        ChallengeNotOpen: not open now, also when the job that should have closed it is late.
        ChallengeAlreadyEntered: one entry per person, by constraint.
        EmailNotVerified, ChallengeNotEligible, ChallengePlanRequired.

    Effects: locks the user; entry row, public counter, `challenge_entered`.
    """
    require(actor, "challenge.enter", scope="self")
    challenge = selectors.challenge_visible(actor, challenge_id)
    require_verified(actor)
    user = user_hold(user_id=actor.user_id or "")
    if selectors.status_now(challenge) != ChallengeStatus.OPEN:
        raise ChallengeNotOpen(status=str(selectors.status_now(challenge)))
    entry = locks.entry_lock(challenge.pk, user.pk)
    if entry and entry.status == EntryStatus.ACTIVE:
        raise ChallengeAlreadyEntered
    eligibility_check(user, challenge)
    counted = Challenge.objects.filter(pk=challenge.pk, status__in=OPEN_IN_DATABASE)
    if not counted.update(entry_count=F("entry_count") + 1):
        raise ChallengeNotOpen
    entry = _entry_write(entry, challenge, user)
    signals.challenge_entered.emit(challenge_id=challenge.public_id, user_id=user.public_id)
    return entry


def _entry_write(left: Entry | None, challenge: Challenge, user: User) -> Entry:
    """Make the entry, or revive the one that was left."""
    if left is None:
        try:
            return Entry.objects.create(challenge=challenge, user=user)
        except IntegrityError:
            raise ChallengeAlreadyEntered from None
    left.status, left.left_at, left.entered_at = EntryStatus.ACTIVE, None, clock.now()
    left.save(update_fields=["status", "left_at", "entered_at"])
    return left


@transactional
def challenge_leave(*, actor: Actor, challenge_id: str) -> None:
    """Leave a challenge before its deadline; submissions are withdrawn with it.

    Raises:
        ChallengeNotEntered: there is no entry.
        SubmissionDeadlinePassed: too late to leave.
    """
    require(actor, "challenge.leave", scope="self")
    challenge = selectors.challenge_visible(actor, challenge_id)
    entry = locks.entry_lock(challenge.pk, selectors.actor_pk(actor))
    if entry is None or entry.status != EntryStatus.ACTIVE:
        raise ChallengeNotEntered
    challenge = locks.challenge_lock(challenge.pk)
    if selectors.status_now(challenge) != ChallengeStatus.OPEN:
        raise SubmissionDeadlinePassed
    live = (SubmissionStatus.PENDING, SubmissionStatus.APPROVED, SubmissionStatus.REJECTED)
    withdrawn = Submission.objects.filter(entry=entry, status__in=live).update(
        status=SubmissionStatus.WITHDRAWN, slot=None
    )
    Challenge.objects.filter(pk=challenge.pk).update(
        entry_count=F("entry_count") - 1, submission_count=F("submission_count") - withdrawn
    )
    entry.status, entry.left_at = EntryStatus.LEFT, clock.now()
    entry.save(update_fields=["status", "left_at"])
