"""What was given back of payments with tokens."""

from django.db.models import Sum

from wallets.constants import TransactionStatus, TransactionType
from wallets.models import Transaction


def refund_reference(payment_id: str) -> str:
    """What a refund's transaction says of the payment with this public id."""
    return f"subscription:{payment_id}"


def refunded_amount(payment_id: str, wallet_pk: int) -> int:
    """Base units given back so far of a payment of this wallet; steady under the lock of the revenue."""
    refunds = Transaction.objects.filter(
        recipient_id=wallet_pk,
        type=TransactionType.REFUND,
        status=TransactionStatus.COMPLETED,
        reference=refund_reference(payment_id),
    )
    return int(refunds.aggregate(sum=Sum("amount"))["sum"] or 0)
