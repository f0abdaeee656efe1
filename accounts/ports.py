"""What accounts needs from the apps above it."""

from collections.abc import Iterable

from ogc.ports import Port

open_wallet: Port[[int, str], None] = Port("accounts.open_wallet")
"""(user_pk, user_public_id) → None. Creates the wallet of a new user in the caller's transaction."""

role_scopes: Port[[int], tuple[Iterable[str], Iterable[str]]] = Port("accounts.role_scopes")
"""(user_pk) → (role names, scope names), read fresh in the caller's transaction."""
