"""What the fault tests do in processes of their own: `python -m tests.faults.act <what> …`, JSON out.

`serve` reads one JSON list [what, …] a line and answers one JSON value a line. The settings are those of the
platform under test. `die_…` acts carry their crash with them: they replace a function of the lane, here only.
"""

import json
import os
import signal
import sys
from typing import Any

import django

django.setup()

from accounts.selectors import user_by_email  # noqa: E402
from ogc.actors import Actor  # noqa: E402
from ogc.amounts import BASE_UNITS_PER_OGC  # noqa: E402
from tests.faults.account_acts import (  # noqa: E402, F401
    account,
    deny,
    is_all_told,
    mails,
    person_with_alert,
    sweep_now,
)
from tests.faults.money_acts import paid, payer, transfer  # noqa: E402, F401
from wallets.chain import lane_steps  # noqa: E402
from wallets.chain.lane import lane_run  # noqa: E402
from wallets.chain.network import network_get  # noqa: E402
from wallets.models import ChainSigner, ChainTransaction, LedgerAccount, Posting  # noqa: E402
from wallets.selectors.balances import BALANCE  # noqa: E402
from wallets.services.reconciliation import reconcile  # noqa: E402
from wallets.services.withdrawals import withdrawal_request  # noqa: E402


def request(email: str, address: str, ogc: str) -> dict[str, Any]:
    """Hold a withdrawal, as the API does."""
    user = user_by_email(email)
    assert user is not None
    actor = Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))
    return {"id": withdrawal_request(actor=actor, to=address, amount=int(ogc) * BASE_UNITS_PER_OGC)}


def show(withdrawal_id: str) -> dict[str, Any]:
    """The row and what was booked for it."""
    row = ChainTransaction.objects.select_related("transaction").get(public_id=withdrawal_id)
    postings = Posting.objects.filter(transaction=row.transaction).order_by("id")
    return {
        "status": row.status,
        "nonce": row.nonce,
        "transaction": row.transaction.status,
        "attempts": row.attempts.count(),
        "postings": list(postings.values_list("kind", flat=True)),
        "error": row.last_error,
    }


def balances(email: str) -> dict[str, Any]:
    """What a user has, by kind."""
    rows = LedgerAccount.objects.filter(wallet__user__email=email).annotate(held=BALANCE)
    return dict(rows.values_list("kind", "held"))


def expire_lease() -> dict[str, Any]:
    """Let the lease of a dead lane be over now instead of in 30 s."""
    return {"rows": ChainSigner.objects.update(lease_until=None, next_attempt_at=None)}


def token() -> str:
    """Address of the token."""
    return network_get().token


def check() -> dict[str, Any]:
    """`reconcile`."""
    return {result.name: result.status.value for result in reconcile()}


def die_before_signing() -> dict[str, Any]:
    """A lane that is killed when the nonces are committed and nothing is signed."""
    return _die_at("sign_reserved")


def die_before_sending() -> dict[str, Any]:
    """A lane that is killed when raw and hash are stored and nothing is sent."""
    return _die_at("send_stored")


def _die_at(step: str) -> dict[str, Any]:
    setattr(lane_steps, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    return {"sent": lane_run(ChainSigner.objects.get().pk)}


def serve() -> None:
    """Acts by line, so that a test which asks often does not start a process each time."""
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(globals()[what](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    result = globals()[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write(json.dumps(result))
