"""Acts about money, for `tests.faults.act`."""

from typing import Any

from django.http import HttpResponse

from accounts.models import User
from accounts.services import actor_for
from accounts.tokens import access_token_make
from ogc.ids import uuid7
from ogc.models import IdempotencyRecord
from tests.api_client import ApiClient, error_code
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.models import Transaction

START = 10


def payer() -> dict[str, str]:
    """Somebody with 10 OGC and a token, and somebody to pay, who has nothing."""
    user = rich_user(START)
    actor = actor_for(user)
    token = access_token_make(
        user_id=user.public_id,
        session_id=uuid7(),
        roles=actor.roles,
        scopes=actor.scopes,
        plan=actor.plan,
        claims_version=user.claims_version,
    )
    return {"id": user.public_id, "token": token, "to": rich_user(0).public_id}


def transfer(token: str, to: str, amount: str, key: str) -> dict[str, Any]:
    """POST /wallet/transfer, answered by this process."""
    client = ApiClient().with_token(token)
    answer: HttpResponse = client.post(
        "wallet/transfer", {"to": to, "amount": amount}, key=key, SERVER_NAME="localhost"
    )
    return {
        "status": answer.status_code,
        "code": error_code(answer) if answer.status_code >= 400 else None,
        "is_replayed": answer.get("Idempotent-Replayed") == "true",
    }


def paid(giver: str, taker: str) -> dict[str, int]:
    """What moved between two people, in base units, and what was written for it."""
    users = {user.public_id: user for user in User.objects.filter(public_id__in=(giver, taker))}
    return {
        "gave": ogc(START) - balance_of(users[giver]),
        "got": balance_of(users[taker]),
        "transfers": Transaction.objects.filter(type="transfer", sender__user=users[giver]).count(),
        "answers": IdempotencyRecord.objects.filter(caller=giver).count(),
    }
