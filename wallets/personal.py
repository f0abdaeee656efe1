"""What wallets holds of a person: parts of the export of personal data."""

from accounts.ports import PersonalSection
from ogc.amounts import format_amount
from ogc.personal import rows_of
from wallets.models import ChainTransaction, Entry, Hold, Reward, Transaction, Wallet

SECTIONS = (
    PersonalSection(
        "wallet",
        rows_of(
            Wallet, "user", id="public_id", created_at="created_at", status="status", address="address",
        ),
        ("wallets.Wallet.user",),
    ),
    PersonalSection(
        "transactions",
        rows_of(
            Transaction, "sender__user", "recipient__user", id="public_id", created_at="created_at",
            type="type", status="status", amount=("amount", format_amount), memo="memo",
            completed_at="completed_at",
        ),
    ),
    PersonalSection(
        "entries",
        rows_of(
            Entry, "account__wallet__user", transaction="posting__transaction__public_id",
            account="account__kind", amount=("amount", format_amount), created_at="posting__created_at",
        ),
    ),
    PersonalSection(
        "rewards",
        rows_of(
            Reward, "wallet__user", id="public_id", created_at="created_at", source="source", status="status",
            amount=("amount", format_amount), releases_at="releases_at", released_at="released_at",
        ),
    ),
    PersonalSection(
        "holds",
        rows_of(
            Hold, "wallet__user", id="public_id", created_at="created_at", purpose="purpose", status="status",
            amount=("amount", format_amount), settled=("settled", format_amount),
            voided=("voided", format_amount), expires_at="expires_at", ended_at="ended_at",
        ),
    ),
    PersonalSection(
        "chain_transactions",
        rows_of(
            ChainTransaction, "wallet__user", id="public_id", created_at="created_at", purpose="purpose",
            status="status",
        ),
    ),
)  # fmt: skip
