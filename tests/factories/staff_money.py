"""Calls of staff about money, for tests."""

from typing import Any

from django.http import HttpResponse

from accounts.models import User
from governance.models import Approval, AuditRecord
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import ApiClient
from wallets.models import Entry, LedgerAccount, Posting, StaffMove, Transaction, Wallet


def wallet_of(user: User) -> Wallet:
    """As the database has it now."""
    return Wallet.objects.get(user=user)


def adjust(
    client: ApiClient, user: User, amount: Any = "5", reason: Any = "A mistake", **call: Any
) -> HttpResponse:
    """POST /admin/wallets/{id}/adjust"""
    path = f"admin/wallets/{wallet_of(user).public_id}/adjust"
    return client.post(path, {"amount": amount, "reason": reason}, **({"key": uuid7()} | call))


def grant(
    client: ApiClient, user: User, amount: Any = "5", reason: Any = "Found a bug", **call: Any
) -> HttpResponse:
    """POST /admin/rewards"""
    body = {"user_id": user.public_id, "amount": amount, "reason": reason}
    return client.post("admin/rewards", body, **({"key": uuid7()} | call))


def reverse(client: ApiClient, transaction_id: str, reason: Any = "Stolen", **call: Any) -> HttpResponse:
    """POST /admin/transactions/{id}/reverse"""
    body = {"reason": reason, "confirm": True}
    return client.post(f"admin/transactions/{transaction_id}/reverse", body, **({"key": uuid7()} | call))


def written() -> tuple[int, ...]:
    """How many rows there are of all that a move by hand writes; a refusal leaves it as it is."""
    tables = (Transaction, Posting, Entry, StaffMove, Approval, DomainEvent, AuditRecord)
    return tuple(table.objects.count() for table in tables) + tuple(  # type: ignore[attr-defined]
        LedgerAccount.objects.order_by("pk").values_list("balance", flat=True)
    )
