"""A withdrawal from the API call to its settlement, on a real node."""

import pytest

from tests.chain.world import fresh_address
from wallets.models import ChainTransaction, Posting, SignedAttempt
from wallets.services.reconciliation import reconcile

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]

OGC = 10**9


def test_transfer_to_an_address_is_held_sent_and_settled_once(api, chain, make_user, balance):
    user, to = make_user(100), fresh_address()
    answer = api.as_user(user).post("wallet/transfer", {"to": to, "amount": "5"}, key="w1")
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["status"], body["chain"]["status"], body["type"]) == ("pending", "queued", "withdrawal")
    assert balance(f"user:{user.public_id}:available") == 95 * OGC
    assert balance(f"user:{user.public_id}:reserved") == 5 * OGC

    assert chain.lane() == 1
    row = ChainTransaction.objects.get(public_id=body["id"])
    assert (row.status, row.nonce) == ("broadcast", 0)
    chain.settle()

    assert chain.tokens(to) == 5 * 10**18
    assert balance(f"user:{user.public_id}:reserved") == 0
    assert balance("onchain_hot") == -(1_000_000 - 5) * OGC
    shown = api.as_user(user).get(f"wallet/transactions/{body['id']}").json()
    assert (shown["status"], shown["chain"]["status"]) == ("completed", "confirmed")
    assert shown["chain"]["tx_hash"] == SignedAttempt.objects.get().tx_hash
    kinds = Posting.objects.filter(transaction__public_id=body["id"]).values_list("kind", flat=True)
    assert sorted(kinds) == ["hold", "settle"]
    assert {check.status.value for check in reconcile()} == {"ok"}
