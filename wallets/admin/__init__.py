"""The admin site's pages about money."""

from wallets.admin import chain, ledger, money, proofs, staff_moves

__all__ = ["chain", "ledger", "money", "proofs", "staff_moves"]
