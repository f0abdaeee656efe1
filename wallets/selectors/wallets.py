"""A user's wallet with its balances."""

from dataclasses import dataclass

from django.db.models import F

from ogc.db.statements import SelectStatement
from ogc.errors import NotFound
from wallets.models import LedgerAccount


@dataclass(frozen=True, slots=True)
class WalletView:
    """A wallet as its owner sees it; `balances` by account kind in base units."""

    id: str
    address: str | None
    status: str
    balances: dict[str, int]


_ACCOUNTS = SelectStatement(
    lambda slots: (
        LedgerAccount.objects.filter(wallet__user__public_id=slots.text("user_id"))
        .annotate(public_id=F("wallet__public_id"), address=F("wallet__address"), status=F("wallet__status"))
        .values_list("public_id", "address", "status", "kind", "balance")
    )
)


def wallet_for_user(user_id: str) -> WalletView:
    """The wallet of a user, in one query.

    Raises:
        NotFound: the user has none.
    """
    rows = _ACCOUNTS.all(user_id=user_id)
    if not rows:
        raise NotFound
    public_id, address, status = rows[0][:3]
    return WalletView(public_id, address, status, {row[3]: row[4] for row in rows})
