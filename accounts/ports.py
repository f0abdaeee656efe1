"""What accounts needs from the apps above it, and the registries that they fill in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ogc.ports import Port

open_wallet: Port[[int, str], None] = Port("accounts.open_wallet")
"""(user_pk, user_public_id) → None. Creates the wallet of a new user in the caller's transaction."""

role_scopes: Port[..., tuple[Iterable[str], Iterable[str]]] = Port("accounts.role_scopes")
"""(user_pk, *, with_staff_scopes=True) → (role names, scope names), read fresh in the caller's transaction.
Without staff scopes, staff roles are named and bring nothing."""

require_super_admin_left: Port[[int, Iterable[str]], None] = Port("accounts.require_super_admin_left")
"""(user_pk, roles) → None. Raises LastSuperAdmin when no active super admin would remain without these roles
of this user, whose row the caller has locked; the check holds until the transaction ends."""

hold_wallet: Port[..., None] = Port("accounts.hold_wallet")
"""(user_id: public id, reason) → None. Stops outgoing moves in the caller's transaction, until a person of
staff lets them go again; idempotent."""

address_owner: Port[[str], int | None] = Port("accounts.address_owner")
"""(EIP-55 address) → row number of the user who linked it, or None."""

unlink_address: Port[..., bool] = Port("accounts.unlink_address")
"""(user_id: public id, reason, address="") → whether there was one. Takes the linked address off the user's
wallet in the caller's transaction (only if it is that one, where one is named); idempotent."""

contract_signature_is_valid: Port[[str, bytes, bytes], bool] = Port("accounts.contract_signature_is_valid")
"""(EIP-55 address, 32-byte digest, signature) → whether the contract there says so (EIP-1271). A network
call: never inside a transaction. Raises ServiceUnavailable when the chain can't be asked."""

token_checkout_hold: Port[..., str] = Port("accounts.token_checkout_hold")
"""(*, actor, user_id: public id, amount: base units, source_key, reference) → public id of the payment's
transaction. Sets tokens of a buyer aside for a while, in the caller's transaction; idempotent by the source
key (at most PAYMENT_KEY_MAX_LENGTH). Raises WalletFrozen, InsufficientBalance and what keeps a person from
paying."""

token_checkout_settle: Port[..., int] = Port("accounts.token_checkout_settle")
"""(*, actor, transaction_id, amount=None) → base units paid. Takes what was bought (None: all) out of the
tokens that are set aside; the rest comes back. Raises HoldEnded."""

token_checkout_void: Port[..., None] = Port("accounts.token_checkout_void")
"""(*, actor, transaction_id) → None. Gives tokens back that were set aside. Raises HoldEnded."""

token_refund: Port[..., str] = Port("accounts.token_refund")
"""(*, actor: the system, transaction_id, amount: base units, source_key) → public id of the refund's
transaction. Gives back what was paid, or a part of it; idempotent by the source key
(at most PAYMENT_KEY_MAX_LENGTH). Raises RefundTooHigh."""

personal_erase: Port[..., int] = Port("accounts.personal_erase")
"""(user_id: public id) → how many rows. Erases the personal side rows of the audit trail."""

public_achievements: Port[[int], "Achievements"] = Port("accounts.public_achievements")
"""(user_pk) → what a public profile shows of somebody's work; a fixed number of queries."""


@dataclass(frozen=True, slots=True)
class Achievements:
    """Badges as {slug, name, tier, icon, awarded_at}, the rank by points (None: none yet), and the newest
    finished challenges as {id, slug, title, rank}, as plain values."""

    badges: list[dict[str, Any]]
    rank: str | None
    finished_challenges: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Obligation:
    """What keeps an account from being closed: a kind and how many, or how much (a decimal string)."""

    kind: str
    count: int = 0
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """How an app takes part in closing an account; both run in the closing's transaction, the user locked.

    `obligations` lists what is in the way (kind `balance` for tokens left); `close` does what must become
    true together with it (such as the wallet's status). All else follows the event `account_closed`.
    """

    app: str
    obligations: Callable[[int], list[Obligation]]
    close: Callable[[int], None] = lambda user_pk: None


@dataclass(frozen=True, slots=True)
class PersonalSection:
    """One named part of an export of personal data.

    `rows` streams plain values of the user with this row number; `covers` names the relations to a user that
    it follows, as `app.Model.field`, so that a test finds what nobody exports.
    """

    name: str
    rows: Callable[[int], Iterator[dict[str, Any]]]
    covers: tuple[str, ...] = ()


closings: dict[str, Closing] = {}
personal_sections: dict[str, PersonalSection] = {}


def register_closing(closing: Closing) -> None:
    """Let this app take part in closing accounts."""
    closings[closing.app] = closing


def register_personal_sections(*sections: PersonalSection) -> None:
    """Add parts to exports of personal data."""
    personal_sections.update({section.name: section for section in sections})
