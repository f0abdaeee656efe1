"""What statements and explanations call the cause of an entry, and who was on the other side."""

from datetime import date
from typing import Any

import orjson
import pytest

from accounts.ports import token_checkout_hold, token_checkout_settle, token_refund
from challenges.services.seed import seed as challenges_seed
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from tests.api_client import ApiClient
from tests.factories.challenges import draft
from tests.factories.governance import staff
from tests.factories.staff_money import adjust, reverse
from tests.factories.wallets import fill_account, ogc, rich_user
from wallets.chain.constants import ChainPurpose, ChainStatus
from wallets.constants import HoldPurpose, TransactionStatus
from wallets.models import ChainTransaction, Transaction
from wallets.services.escrows import escrow_fund
from wallets.services.holds import hold_open, hold_settle
from wallets.services.mining import mining_pay
from wallets.services.platform_moves import deposit_claim
from wallets.services.posting import Leg, TransactionDraft
from wallets.services.rewards import challenge_reward_pay

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

RECEIVER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HASH = "0x" + "ab" * 32


def lines(client: ApiClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(b"".join(client.get("wallet/statement")))["entries"]
    return found


def test_a_prize_comes_from_its_challenge_by_its_title(api: ApiClient) -> None:
    challenges_seed(debug=False)
    user, challenge = rich_user(0), draft(staff("admin"), title="=Logo")
    where = {"actor": SYSTEM, "challenge_id": challenge.public_id}
    escrow_fund(**where, amount=ogc(10))
    challenge_reward_pay(**where, user_id=user.public_id, amount=ogc(4), rank=1)
    client = api.as_user(user)
    party = {"kind": "challenge", "id": challenge.public_id, "name": "=Logo"}
    for line in lines(client):
        assert line["counterparty"] == party
        assert line["cause"] == {"kind": "challenge", "id": challenge.public_id}
    assert client.get("wallet/transactions").json()["results"][0]["counterparty"] == party
    text = b"".join(client.get("wallet/statement?format=csv")).decode()
    assert text.count(f",challenge,'=Logo,{challenge.public_id},,challenge,{challenge.public_id}") == 3


@pytest.mark.parametrize("tx_hash", ["", HASH])
def test_what_a_withdrawal_did_on_chain_has_its_hash(api: ApiClient, tx_hash: str) -> None:
    user = rich_user(10)
    wish = TransactionDraft(
        type="withdrawal", amount=ogc(4), sender_pk=user.wallet.pk, status=TransactionStatus.PENDING,
        reference=f"address:{RECEIVER}",
    )  # fmt: skip
    purpose = HoldPurpose.WITHDRAWAL
    pk = hold_open(draft=wish, user_id=user.public_id, amount=ogc(4), purpose=purpose)
    ChainTransaction.objects.create(
        purpose=ChainPurpose.WITHDRAWAL, status=ChainStatus.CONFIRMED, transaction_id=pk,
        wallet=user.wallet, receiver=RECEIVER, amount=ogc(4), tx_hash=tx_hash,
    )  # fmt: skip
    hold_settle(transaction_pk=pk, to=[Leg("fees", ogc(4))])
    address = {"kind": "address", "id": RECEIVER}
    paid = {"kind": "chain_log", "id": tx_hash} if tx_hash else address
    causes = [(line["account"], line["posting"], line["cause"]) for line in lines(api.as_user(user))[1:]]
    assert causes == [
        ("available", "hold", address),
        ("reserved", "hold", address),
        ("reserved", "settle", paid),
    ]


def test_a_plan_that_was_paid_and_what_was_refunded_of_it(api: ApiClient) -> None:
    user = rich_user(10)
    plan = {"kind": "plan", "id": uuid7()}
    checkout = {"actor": SYSTEM, "user_id": user.public_id, "amount": ogc(4), "source_key": "period-1"}
    paid = token_checkout_hold(**checkout, reference=f"plan:{plan['id']}")
    token_checkout_settle(actor=SYSTEM, transaction_id=paid)
    refund = token_refund(actor=SYSTEM, transaction_id=paid, amount=ogc(1), source_key="period-1")
    by_transaction = {line["transaction"]: line["cause"] for line in lines(api.as_user(user))}
    assert (by_transaction[paid], by_transaction[refund]) == (plan, {"kind": "subscription", "id": paid})


def test_what_was_mined_comes_from_its_day_and_a_claim_from_its_log(api: ApiClient) -> None:
    user = rich_user(0)
    mining_pay(actor=SYSTEM, day=date(2026, 1, 31), shares={user.public_id: ogc(2)})
    fill_account("unclaimed_deposits", 3, "onchain_hot")
    deposit_claim(actor=SYSTEM, user_id=user.public_id, amount=ogc(3), source_key="1", reference=f"tx:{HASH}")
    causes = [line["cause"] for line in lines(api.as_user(user))]
    assert causes == [{"kind": "mining", "id": "2026-01-31"}, {"kind": "chain_log", "id": HASH}]


def test_what_staff_did_goes_back_to_its_transaction(api: ApiClient) -> None:
    user, finance = rich_user(0), staff("finance")
    client = api.as_user(finance)
    adjust(client, user, "5")
    adjusted = Transaction.objects.get(type="admin_adjust")
    reverse(client, adjusted.public_id)
    first, second = lines(api.as_user(user))
    assert first["cause"] == {"kind": "admin_adjust", "id": adjusted.public_id}
    assert (second["type"], second["posting"], second["amount"]) == ("reversal", "reverse", "-5")
    assert second["cause"] == {"kind": "transaction", "id": adjusted.public_id}
