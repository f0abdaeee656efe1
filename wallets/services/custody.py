"""Tokens that arrive at the hot wallet, as the final read sees them: refills from cold, and deposits."""

from ogc.amounts import from_wei
from ogc.db.transactions import transactional
from wallets.chain.contracts import TransferLog
from wallets.constants import AccountKind, PostingKind, TransactionType
from wallets.services.posting import Leg, TransactionDraft, post, posting_transaction_id, transaction_open


def genesis_is_booked() -> bool:
    """Whether the ledger knows of the supply; before that nothing that the chain shows can be booked."""
    return posting_transaction_id("genesis") is not None


@transactional
def custody_in_book(transfer: TransferLog) -> int | None:
    """Book a refill of the hot wallet: onchain_cold → onchain_hot. Call once per live transfer.

    Returns: row number of the transaction; None when less than one base unit moved.

    Raises:
        InsufficientBalance: the ledger does not know of that many tokens on the cold address (not seeded
        yet).
    """
    units, _ = from_wei(transfer.value_wei)
    return _book(TransactionType.CUSTODY_MOVE, AccountKind.ONCHAIN_COLD, transfer, units) if units else None


@transactional
def deposit_book(transfer: TransferLog) -> tuple[int | None, int]:
    """Book a deposit of a sender whom nobody claims yet: onchain_hot → unclaimed_deposits. Call once.

    Returns: row number of the transaction (None below one base unit), and the dust in wei that stays on
    chain.
    """
    units, dust_wei = from_wei(transfer.value_wei)
    if not units:
        return None, dust_wei
    return _book(TransactionType.DEPOSIT, AccountKind.UNCLAIMED_DEPOSITS, transfer, units), dust_wei


def _book(kind: str, other: str, transfer: TransferLog, units: int) -> int:
    draft = TransactionDraft(type=kind, amount=units, reference=f"tx:{transfer.tx_hash}")
    transaction_pk = transaction_open(draft)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.POST,
        source_key=f"{kind}:{transfer.tx_hash}:{transfer.ordinal}",
        legs=[Leg(AccountKind.ONCHAIN_HOT, -units), Leg(other, units)],
    )
    return transaction_pk
