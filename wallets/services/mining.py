"""Paying what was mined on a day."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from django.conf import settings

from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.db.statements import InsertStatement
from ogc.db.transactions import transactional
from ogc.errors import NotFound, PermissionDenied
from ogc.ports import audit_record
from wallets.constants import (
    POST_MANY_MAX,
    AccountKind,
    PostingKind,
    RewardSource,
    RewardStatus,
    TransactionStatus,
    TransactionType,
)
from wallets.locks import lock_for_many_legs
from wallets.models import Reward, Transaction, Wallet
from wallets.rules import user_account_key
from wallets.services.posting import Leg, PostingDraft, TransactionDraft, legs_of, post_many
from wallets.signals import mining_paid

_INSERT_REWARD = InsertStatement(
    Reward,
    "public_id",
    "created_at",
    "transaction",
    "wallet",
    "source",
    "status",
    "amount",
    "releases_at",
    "released_at",
)


def mining_pay(*, actor: Actor, day: date, shares: Mapping[str, int]) -> dict[str, str]:
    """Pay the shares of a day: mining_pool → pending, released after `MINING_HOLD_DAYS`.

    Args:
        actor: the system.
        day: whose points were turned into tokens.
        shares: base units, above zero, by public id of the receiver; any number of people.

    Returns:
        Public id of each receiver's transaction, in the order of `shares`.

    Raises:
        PermissionDenied: the actor is not the system.
        NotFound: somebody has no wallet; nobody of the same 200 is paid.
        InsufficientBalance: the pool does not hold that much; the same.

    Effects:
        200 people in each transaction, which locks the pool and their `pending` accounts. Audited for each
        with the pool's balances; emits mining_paid.

    Idempotency:
        By day and person: paid once whatever the share says the second time. A run that died is run again.
    """
    if actor.kind != "system":
        raise PermissionDenied
    people = iter(shares.items())
    paid: dict[str, str] = {}
    while chunk := dict(islice(people, POST_MANY_MAX)):
        paid |= _pay(day, chunk)
    return paid


@transactional
def _pay(day: date, shares: Mapping[str, int]) -> dict[str, str]:
    wallets = dict(
        Wallet.objects.filter(user__public_id__in=shares).values_list("user__public_id", "pk").order_by()
    )
    if missing := shares.keys() - wallets.keys():
        raise NotFound(user_id=min(missing))
    now = clock.now()
    drafts = {user_id: _draft(day, user_id, wallets[user_id], shares[user_id], now) for user_id in shares}
    locked = lock_for_many_legs(legs_of(drafts.values()))
    before = locked.balances()[AccountKind.MINING_POOL]
    booked = dict(zip(shares, post_many(list(drafts.values()), locked=locked), strict=True))
    fresh = [user_id for user_id, draft in drafts.items() if booked[user_id] == draft.public_id]
    if fresh:
        _rewards_write([drafts[user_id] for user_id in fresh], now)
        paid = sum(shares[user_id] for user_id in fresh)
        audit_record(
            actor=SYSTEM,
            action="mining.pay",
            target_type="ledger_account",
            target_id=AccountKind.MINING_POOL.value,
            before={"balances": {AccountKind.MINING_POOL.value: before}},
            after={
                "balances": {AccountKind.MINING_POOL.value: before - paid},
                "amount": paid,
                "day": day.isoformat(),
                "people": len(fresh),
            },
        )
        mining_paid.emit(day=day.isoformat(), user_ids=fresh, amount=paid)
    return booked


def _draft(day: date, user_id: str, wallet_pk: int, amount: int, now: datetime) -> TransactionDraft:
    pending = user_account_key(user_id, AccountKind.PENDING)
    posting = PostingDraft(
        PostingKind.POST.value,
        f"mining:{day.isoformat()}:{user_id}",
        (Leg(AccountKind.MINING_POOL, -amount), Leg(pending, amount)),
    )
    return TransactionDraft(
        type=TransactionType.MINING.value,
        status=TransactionStatus.PENDING.value,
        amount=amount,
        recipient_pk=wallet_pk,
        reference=f"mining:{day.isoformat()}",
        postings=(posting,),
        created_at=now,
    )


def _rewards_write(drafts: list[TransactionDraft], now: datetime) -> None:
    ids = [draft.public_id for draft in drafts]
    pks = dict(Transaction.objects.filter(public_id__in=ids).values_list("public_id", "pk"))
    releases_at = now + timedelta(days=settings.MINING_HOLD_DAYS)
    _INSERT_REWARD.execute(
        [
            (
                draft.public_id,
                now,
                pks[draft.public_id],
                draft.recipient_pk,
                RewardSource.MINING.value,
                RewardStatus.PENDING.value,
                draft.amount,
                releases_at,
                None,
            )
            for draft in drafts
        ]
    )
