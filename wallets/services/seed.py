"""What a platform starts with: system accounts, the whole supply in the treasury, filled pools."""

from accounts.selectors import user_by_email
from ogc.actors import SYSTEM
from ogc.amounts import BASE_UNITS_PER_OGC, SUPPLY_BASE_UNITS
from ogc.db.transactions import transactional
from wallets.constants import SYSTEM_KINDS, AccountKind, PostingKind, TransactionType
from wallets.locks import lock_accounts
from wallets.models import LedgerAccount
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)
from wallets.services.treasury import POOLS, faucet_user, pool_fund

POOL_BASE_UNITS = 1_000_000 * BASE_UNITS_PER_OGC
DEMO_BASE_UNITS = 1_000 * BASE_UNITS_PER_OGC
DEMO_NAMES = ("alice", "bob", "carol", "dave")


def seed(*, debug: bool) -> None:
    """Open the system accounts, book the genesis, and fill both pools; each once."""
    system_accounts_open()
    genesis_book()
    for pool in POOLS:
        pool_fund(actor=SYSTEM, pool=pool, amount=POOL_BASE_UNITS, source_key=f"seed:{pool}")


def seed_demo() -> None:
    """Give each demo user 1,000 OGC, once; with DEBUG only."""
    for name in DEMO_NAMES:
        user = user_by_email(f"{name}@ogc.local")
        if user is not None:
            key = f"seed:demo:{user.public_id}"
            faucet_user(user_id=user.public_id, amount=DEMO_BASE_UNITS, source_key=key)


def system_accounts_open() -> None:
    """Make the accounts that exist once, under their kind as key."""
    rows = [LedgerAccount(key=kind.value, kind=kind.value, lazy=True) for kind in SYSTEM_KINDS]
    LedgerAccount.objects.bulk_create(rows, ignore_conflicts=True)


@transactional
def genesis_book() -> None:
    """Book the whole supply: onchain_cold → treasury, once."""
    locked = lock_accounts((AccountKind.ONCHAIN_COLD, AccountKind.TREASURY))
    if posting_transaction_id("genesis"):
        return
    draft = TransactionDraft(type=TransactionType.GENESIS.value, amount=SUPPLY_BASE_UNITS)
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key="genesis",
        legs=(
            Leg(AccountKind.ONCHAIN_COLD, -SUPPLY_BASE_UNITS),
            Leg(AccountKind.TREASURY, SUPPLY_BASE_UNITS),
        ),
        locked=locked,
    )
