"""Prizes that staff took back: nobody is owed them any more, so they go where unassigned prize money goes."""

from challenges import locks
from challenges.constants import REWARDED_STATUSES, AwardStatus
from challenges.models import PrizeAward
from ogc.actors import SYSTEM
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record
from wallets.services.escrows import escrow_refund


@transactional
def prize_return(*, challenge_id: str, reward_id: str, reversal_id: str, reason: str) -> None:
    """Move a prize whose reward was reversed from the escrow of its challenge on to `rewards_pool`.

    While the distribution is under way it stays in the escrow: its end gives back all that is not owed.

    Args:
        challenge_id: public id.
        reward_id: public id of the reward's transaction.
        reversal_id: public id of the transaction that undid it.
        reason: why it was undone.

    Raises:
        NotFound: there is no such challenge.

    Effects:
        Locks the challenge, the award, then the escrow. The award is `returned`. Audited.

    Idempotency:
        By the status of the award; what is no paid prize is left alone.
    """
    challenge = locks.challenge_lock(challenge_id)
    award_pk = (
        PrizeAward.objects.filter(challenge=challenge, transaction_id=reward_id)
        .values_list("pk", flat=True)
        .first()
    )
    if award_pk is None:
        raise NotFound
    award = locks.award_lock(award_pk)
    if award.status != AwardStatus.PAID:
        return
    award.status = AwardStatus.RETURNED
    award.save(update_fields=["status"])
    refund_id = None
    if challenge.status in REWARDED_STATUSES:
        refund_id = escrow_refund(
            actor=SYSTEM, challenge_id=challenge_id, amount=award.amount, cause=f"reversal:{reversal_id}"
        )
    audit_record(
        actor=SYSTEM,
        action="challenge.prize_return",
        target_type="prize_award",
        target_id=award.public_id,
        severity="warning",
        before={"status": AwardStatus.PAID.value},
        after={"status": AwardStatus.RETURNED.value, "amount": award.amount, "transaction": refund_id},
        reason=reason,
    )
