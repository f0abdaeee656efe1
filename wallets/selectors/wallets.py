"""A user's wallet with its balances."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import F

from ogc.db.statements import SelectStatement
from ogc.errors import NotFound
from wallets.models import LedgerAccount, Wallet
from wallets.selectors.balances import BALANCE


@dataclass(frozen=True, slots=True)
class WalletView:
    """A wallet as its owner sees it; `balances` by account kind in base units."""

    id: str
    address: str | None
    status: str
    balances: dict[str, int]


WALLET_CACHE = 50_000

_ACCOUNTS = SelectStatement(
    lambda slots: (
        LedgerAccount.objects.filter(wallet__user__public_id=slots.text("user_id"))
        .annotate(
            public_id=F("wallet__public_id"),
            address=F("wallet__address"),
            status=F("wallet__status"),
            held=BALANCE,
        )
        .values_list("public_id", "address", "status", "kind", "held")
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


@lru_cache(maxsize=WALLET_CACHE)
def wallet_rows(user_id: str) -> tuple[int, dict[int, str]]:
    """Row numbers of a user's wallet and of its accounts, with their kinds.

    Remembered for the life of the process, since none of them ever changes.

    Raises:
        NotFound: the user has no wallet.
    """
    accounts = LedgerAccount.objects.filter(wallet__user__public_id=user_id).order_by("pk")
    rows = list(accounts.values_list("wallet_id", "pk", "kind"))
    if not rows:
        raise NotFound
    return rows[0][0], {pk: kind for _, pk, kind in rows}


def wallet_owner(wallet_id: str) -> str:
    """Public id of the user whose wallet this is.

    Raises:
        NotFound: there is no such wallet.
    """
    owner = Wallet.objects.filter(public_id=wallet_id).values_list("user__public_id", flat=True).first()
    if owner is None:
        raise NotFound
    return owner


def address_owner(address: str) -> int | None:
    """Row number of the user who linked this EIP-55 address; fills `accounts.ports.address_owner`."""
    return Wallet.objects.filter(address=address).values_list("user_id", flat=True).first()
