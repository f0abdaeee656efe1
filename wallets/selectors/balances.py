"""What an account holds: its row and what waits to be folded into it, read in one statement."""

from django.db.models import Case, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from ogc.db.fields import BaseUnitsField
from wallets.models import LedgerAccount, UnfoldedEntry

_WAITING = (
    UnfoldedEntry.objects.filter(account_id=OuterRef("pk"))
    .order_by()
    .values("account_id")
    .annotate(total=Sum("amount"))
    .values("total")
)

BALANCE = F("balance") + Case(
    When(lazy=True, then=Coalesce(Subquery(_WAITING), Value(0))),
    default=Value(0),
    output_field=BaseUnitsField(),
)
"""To annotate a queryset of accounts with. Nobody but the one who holds its lock reads `balance` alone."""


def account_balance(key: str) -> int:
    """Base units in the account with this key."""
    return int(LedgerAccount.objects.annotate(held=BALANCE).values_list("held", flat=True).get(key=key))
