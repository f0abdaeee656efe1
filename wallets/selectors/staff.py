"""Wallets as staff find them."""

from django.db.models import Prefetch, Q, QuerySet

from accounts.selectors import email_normalise
from wallets.models import LedgerAccount, Wallet
from wallets.selectors.balances import BALANCE


def wallets_for_staff(*, user: str = "", wallet_id: str = "") -> QuerySet[Wallet]:
    """Wallets with their owners and accounts (`held`: the balance), in two queries for any number.

    Args:
        user: public id or e-mail address of the owner; empty: everybody's.
        wallet_id: public id of the one that is wanted; empty: all of them.
    """
    accounts = LedgerAccount.objects.annotate(held=BALANCE)
    rows = Wallet.objects.select_related("user").prefetch_related(Prefetch("accounts", accounts))
    if wallet_id:
        rows = rows.filter(public_id=wallet_id)
    if user:
        is_address = "@" in user
        rows = rows.filter(Q(user__email=email_normalise(user)) if is_address else Q(user__public_id=user))
    return rows
