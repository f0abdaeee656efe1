"""What closing an account means for its wallet."""

from accounts.ports import Obligation
from ogc.amounts import format_amount
from ogc.db.transactions import transactional
from wallets.chain.constants import UNFINISHED, ChainPurpose, ChainStatus
from wallets.constants import AccountKind, WalletStatus
from wallets.locks import lock_wallet
from wallets.models import ChainTransaction, LedgerAccount, Wallet
from wallets.selectors.balances import BALANCE

_KINDS = {
    AccountKind.AVAILABLE: "balance",
    AccountKind.PENDING: "pending_rewards",
    AccountKind.STAKED: "stakes",
    AccountKind.RESERVED: "reserved",
}
"""What tokens in each account of a wallet are called in the list; only `balance` can be moved out at once."""
_UNDER_WAY = (ChainStatus.AWAITING_APPROVAL, *UNFINISHED)


@transactional
def wallet_obligations(user_pk: int) -> list[Obligation]:
    """Tokens and withdrawals that keep an account from being closed.

    Effects: locks the wallet and its accounts until the caller's transaction ends, so that a move under way
    is seen whole, and one that comes later sees the wallet closed.
    """
    wallet = lock_wallet(Wallet.objects.filter(user_id=user_pk))
    if wallet is None:
        return []
    accounts = (
        LedgerAccount.objects.filter(wallet=wallet).annotate(held=BALANCE).exclude(held=0).order_by("pk")
    )
    found = [
        Obligation(_KINDS[AccountKind(kind)], amount=format_amount(balance))
        for kind, balance in accounts.values_list("kind", "held")
    ]
    under_way = ChainTransaction.objects.filter(
        wallet=wallet,
        purpose=ChainPurpose.WITHDRAWAL,
        status__in=_UNDER_WAY,
    ).count()
    return found + ([Obligation("withdrawals", count=under_way)] if under_way else [])


@transactional
def wallet_close(user_pk: int) -> None:
    """Close the wallet of an account that is closed in the caller's transaction; its address is free again.

    Nothing leaves a closed wallet and nothing can be sent to it.
    """
    Wallet.objects.filter(user_id=user_pk).update(
        status=WalletStatus.CLOSED.value, freeze_cause="", address=None
    )
