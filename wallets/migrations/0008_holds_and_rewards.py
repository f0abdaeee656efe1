"""Rows for what was held and earned before there were rows for it: withdrawals and rewards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import migrations

CHUNK = 500


def holds_write(apps: Any, schema_editor: Any) -> None:
    """One hold for each withdrawal that has none; ended ones as their last posting says."""
    Hold, Posting = apps.get_model("wallets", "Hold"), apps.get_model("wallets", "Posting")
    opened = Posting.objects.filter(
        kind="hold", transaction__type="withdrawal", transaction__hold=None
    ).order_by("pk")
    for chunk in _chunks(opened):
        Hold.objects.bulk_create(_holds(apps, Hold, [posting.transaction_id for posting in chunk]))


def _holds(apps: Any, Hold: Any, transactions: list[int]) -> Iterator[Any]:
    Posting = apps.get_model("wallets", "Posting")
    Chain = apps.get_model("wallets", "ChainTransaction")
    ends = dict(
        (row[0], row[1:])
        for row in Posting.objects.filter(
            transaction_id__in=transactions, kind__in=("settle", "void")
        ).values_list("transaction_id", "kind", "created_at")
    )
    rows = Chain.objects.filter(purpose="withdrawal", transaction_id__in=transactions)
    for row in rows.order_by("transaction_id"):
        kind, at = ends.get(row.transaction_id, ("", None))
        held = row.amount + row.fee
        yield Hold(
            public_id=row.public_id,
            created_at=row.created_at,
            transaction_id=row.transaction_id,
            wallet_id=row.wallet_id,
            purpose="withdrawal",
            status={"settle": "settled", "void": "voided"}.get(kind, "open"),
            amount=held,
            settled=held if kind == "settle" else 0,
            voided=held if kind == "void" else 0,
            ended_at=at,
        )


def rewards_write(apps: Any, schema_editor: Any) -> None:
    """One reward for each transaction that earned somebody something and has none."""
    Reward, Transaction = apps.get_model("wallets", "Reward"), apps.get_model("wallets", "Transaction")
    earned = Transaction.objects.filter(
        type__in=("reward", "mining"),
        status__in=("pending", "completed"),
        recipient__isnull=False,
        reward=None,
    ).order_by("pk")
    for chunk in _chunks(earned):
        Reward.objects.bulk_create(_reward(Reward, row) for row in chunk)


def _reward(Reward: Any, row: Any) -> Any:
    is_mined, is_released = row.type == "mining", row.status == "completed"
    hold = timedelta(seconds=settings.REWARD_HOLD_SECONDS)
    if is_mined:
        hold = timedelta(days=settings.MINING_HOLD_DAYS)
    return Reward(
        public_id=row.public_id,
        created_at=row.created_at,
        transaction_id=row.pk,
        wallet_id=row.recipient_id,
        source="mining" if is_mined else "challenge",
        status="released" if is_released else "pending",
        amount=row.amount,
        releases_at=row.completed_at if is_released else row.created_at + hold,
        released_at=row.completed_at,
    )


def _chunks(rows: Any) -> Iterator[list[Any]]:
    """Rows by pk, so many at a time, whatever is written meanwhile."""
    chunk = list(rows[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(rows.filter(pk__gt=chunk[-1].pk)[:CHUNK])


class Migration(migrations.Migration):

    dependencies = [("wallets", "0007_lazy_accounts")]

    operations = [
        migrations.RunPython(holds_write, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(rewards_write, migrations.RunPython.noop, elidable=True),
    ]
