"""Paying prizes: award rows are the outbox, small distributions are paid at once, large ones by the job.

A crash anywhere leaves award rows that are `queued`; the sweep finds them and goes on. Paying is idempotent
in the ledger (one reward per challenge and user), so an award is never paid twice.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Sum

from accounts.constants import UserStatus
from challenges import locks, rules, selectors
from challenges.constants import (
    AWARD_ATTEMPTS_MAX,
    AWARD_BATCH,
    AWARD_LEASE_SECONDS,
    INLINE_AWARDS_MAX,
    REWARDED_STATUSES,
    AwardStatus,
    ChallengeAction,
    ChallengeStatus,
)
from challenges.models import Challenge, PrizeAward, Result
from challenges.services.lifecycle import challenge_for_update, challenge_move, state_refusal
from governance.models import Approval
from governance.ports import ApprovedRequest
from governance.services.approvals import approval_request
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.errors import DomainError, SecondPersonRequired
from ogc.jobs import Lease, claim, enqueue
from ogc.jobs.outbox import is_free
from ogc.ports import audit_record
from wallets.services.escrows import escrow_refund
from wallets.services.rewards import challenge_reward_pay, challenge_rewards_lock

DISTRIBUTE_ACTION = "challenge.distribute"
DISTRIBUTION_JOB = "challenges.jobs.distribution_continue"
STATUS_OF_WINNER = {
    UserStatus.ACTIVE: AwardStatus.QUEUED,
    UserStatus.SUSPENDED: AwardStatus.HELD,
    UserStatus.CLOSED: AwardStatus.RETURNED,
}


def distribution_check(actor: Actor, challenge: Challenge) -> None:
    """Whether this person may distribute this locked challenge now.

    Raises:
        InvalidChallengeState: not finalised, or objections may still come in.
        SecondPersonRequired: the creator also finalised.
    """
    rules.transition_for(ChallengeAction.DISTRIBUTE, challenge.status)
    objections = timedelta(hours=settings.OBJECTION_HOURS)
    if challenge.finalized_at is None or clock.now() < challenge.finalized_at + objections:
        raise state_refusal(challenge, "distribute")
    me = selectors.actor_pk(actor)
    if me == challenge.created_by_id == challenge.finalized_by_id:
        raise SecondPersonRequired


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a call to distribute led to: the challenge, or the approval that it waits for."""

    challenge: Challenge
    approval: Approval | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every prize is paid or held."""
        return self.challenge.status in REWARDED_STATUSES


@transactional
def challenge_distribute(*, actor: Actor, challenge_id: str) -> Distribution:
    """Start paying the prizes of a finalised challenge, once, or ask for the approval that this takes.

    Up to `INLINE_AWARDS_MAX` prizes are paid before this returns; more are paid by the job, and the
    challenge stays `finalized` until the last one is.

    Raises:
        InvalidChallengeState, SecondPersonRequired: see `distribution_check`.

    Effects: award rows, rewards, refund of the rest of the escrow, `rewards_distributed`.

    Idempotency: a distribution under way or done is returned as it is.
    """
    challenge = challenge_for_update(actor, challenge_id, DISTRIBUTE_ACTION)
    if challenge.status in REWARDED_STATUSES or challenge.distribution_started_at:
        return Distribution(challenge)
    distribution_check(actor, challenge)
    if _prizes_total(challenge) >= settings.DISTRIBUTE_APPROVAL_THRESHOLD:
        payload = {"challenge_id": challenge.public_id}
        approval = approval_request(actor=actor, action=DISTRIBUTE_ACTION, payload=payload, once=True)
        return Distribution(challenge, approval)
    _start(actor, challenge)
    return Distribution(challenge)


@transactional
def distribution_approved(request: ApprovedRequest) -> dict[str, str]:
    """Carry out an approved distribution; everything is checked again for the person who asked.

    Raises:
        As `challenge_distribute`.
    """
    challenge = challenge_for_update(request.approver, request.payload["challenge_id"], DISTRIBUTE_ACTION)
    if not (challenge.status in REWARDED_STATUSES or challenge.distribution_started_at):
        distribution_check(request.requester, challenge)
        _start(request.approver, challenge)
    return {"challenge_id": challenge.public_id, "status": str(challenge.status)}


def _prizes_total(challenge: Challenge) -> int:
    total = Result.objects.filter(challenge=challenge).aggregate(total=Sum("prize"))["total"]
    return int(total or 0)


def _start(actor: Actor, challenge: Challenge) -> None:
    """Write the awards and pay them here, or leave them to the job."""
    challenge.distribution_started_at = clock.now()
    challenge.distributed_by_id = selectors.actor_pk(actor) or None
    challenge.save(update_fields=["distribution_started_at", "distributed_by"])
    audit_record(
        actor=actor, action=DISTRIBUTE_ACTION, target_type="challenge", target_id=challenge.public_id
    )
    queued = _awards_write(challenge)
    if len(queued) > INLINE_AWARDS_MAX:
        enqueue(DISTRIBUTION_JOB, challenge.pk, key=distribution_job_key(challenge.pk))
        return
    if queued:
        winners = [award.user.public_id for award in queued]
        challenge_rewards_lock(challenge_id=challenge.public_id, user_ids=winners)
    for award in queued:
        _award_pay(award)
    _complete(challenge)


def _awards_write(challenge: Challenge) -> list[PrizeAward]:
    """One award per prize; returns those to be paid, best rank first."""
    winners = Result.objects.filter(challenge=challenge, prize__gt=0).select_related("user").order_by("rank")
    PrizeAward.objects.bulk_create(
        [
            PrizeAward(
                challenge=challenge,
                result=row,
                user_id=row.user_id,
                rank=row.rank,
                amount=row.prize,
                status=STATUS_OF_WINNER[UserStatus(row.user.status)],
            )
            for row in winners
        ],
        batch_size=500,
    )
    queued = PrizeAward.objects.filter(challenge=challenge, status=AwardStatus.QUEUED).order_by("rank")
    return list(queued.select_related("challenge", "user"))


def _award_pay(award: PrizeAward) -> None:
    """Pay one award and mark it, in the caller's transaction."""
    award.transaction_id = challenge_reward_pay(
        actor=SYSTEM,
        challenge_id=award.challenge.public_id,
        user_id=award.user.public_id,
        amount=award.amount,
        rank=award.rank,
    )
    award.status, award.paid_at = AwardStatus.PAID, clock.now()
    award.lease_until, award.last_error = None, ""
    award.save(update_fields=["transaction_id", "status", "paid_at", "lease_until", "last_error"])


@transactional
def award_pay(*, award_pk: int) -> None:
    """Pay one queued award whose lease the caller holds; one that is no longer queued is left alone."""
    award = locks.award_lock(award_pk)
    if award.status == AwardStatus.QUEUED:
        _award_pay(award)


def distribution_continue(*, challenge_pk: int) -> None:
    """Pay the next awards of a challenge, each in a transaction of its own, then finish or hand over.

    Idempotency: leases keep other workers from the same rows; a killed worker's rows are free again when
    they end.
    """
    waiting = PrizeAward.objects.filter(challenge_id=challenge_pk, status=AwardStatus.QUEUED)
    batch = waiting.filter(is_free()).order_by("rank").values_list("pk", flat=True)[:AWARD_BATCH]
    for pk in list(batch):
        lease = claim(PrizeAward, pk, statuses=[AwardStatus.QUEUED], lease_seconds=AWARD_LEASE_SECONDS)
        if lease:
            _award_try(lease)
    if not waiting.exists():
        distribution_complete(challenge_pk=challenge_pk)
    elif waiting.filter(is_free()).exists():
        enqueue(DISTRIBUTION_JOB, challenge_pk, key=distribution_job_key(challenge_pk))


def _award_try(lease: Lease) -> None:
    """Pay one claimed award; a refusal waits with growing pauses, and at last for a person."""
    try:
        award_pay(award_pk=lease.pk)
    except DomainError as refused:
        attempts = PrizeAward.objects.values_list("attempts", flat=True).get(pk=lease.pk)
        over = attempts >= AWARD_ATTEMPTS_MAX
        lease.release(
            status=AwardStatus.FAILED if over else AwardStatus.QUEUED,
            next_attempt_at=clock.real_now() + timedelta(seconds=5 * 2**attempts),
            last_error=str(refused),
        )


@transactional
def distribution_complete(*, challenge_pk: int) -> None:
    """Give back what is not owed and move the challenge on, once no award waits any more. Idempotent."""
    challenge = locks.challenge_lock(challenge_pk)
    if challenge.status in REWARDED_STATUSES or not challenge.distribution_started_at:
        return
    open_awards = PrizeAward.objects.filter(
        challenge=challenge, status__in=[AwardStatus.QUEUED, AwardStatus.FAILED]
    )
    if not open_awards.exists():
        _complete(challenge)


def _complete(challenge: Challenge) -> None:
    """Refund the rest of the escrow (held shares stay in it) and finish the distribution."""
    owed = PrizeAward.objects.filter(
        challenge=challenge, status__in=[AwardStatus.PAID, AwardStatus.HELD]
    ).aggregate(total=Sum("amount"))["total"]
    rest = challenge.prize_pool - (owed or 0)
    if rest:
        escrow_refund(actor=SYSTEM, challenge_id=challenge.public_id, amount=rest)
    challenge_move(actor=SYSTEM, challenge=challenge, action=ChallengeAction.DISTRIBUTE)


@transactional
def award_retry(*, actor: Actor, award_pk: int) -> None:
    """Queue an award again that failed for good. Raises: PermissionDenied."""
    challenge_pk = PrizeAward.objects.values_list("challenge_id", flat=True).get(pk=award_pk)
    challenge_for_update(actor, challenge_pk, DISTRIBUTE_ACTION)
    retried = PrizeAward.objects.filter(pk=award_pk, status=AwardStatus.FAILED).update(
        status=AwardStatus.QUEUED, attempts=0, next_attempt_at=None
    )
    if retried:
        enqueue(DISTRIBUTION_JOB, challenge_pk, key=distribution_job_key(challenge_pk))


def distributions_due(limit: int) -> list[int]:
    """Challenges whose distribution can go on.

    A queued award is free, or none is open and it only wants finishing.
    """
    awards = PrizeAward.objects.filter(challenge_id=OuterRef("pk"))
    free = awards.filter(is_free(), status=AwardStatus.QUEUED)
    unfinished = awards.filter(status__in=[AwardStatus.QUEUED, AwardStatus.FAILED])
    under_way = Challenge.objects.filter(
        status=ChallengeStatus.FINALIZED, distribution_started_at__isnull=False
    )
    due = under_way.filter(Exists(free) | ~Exists(unfinished))
    return list(due.order_by("distribution_started_at", "id").values_list("pk", flat=True)[:limit])


def distribution_job_key(challenge_pk: int) -> str:
    """Id of the next job of a distribution: each attempt at an award makes it another job."""
    total = PrizeAward.objects.filter(challenge_id=challenge_pk).aggregate(total=Sum("attempts"))["total"]
    return f"distribution-{challenge_pk}-a{total or 0}"
