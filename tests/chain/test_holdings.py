"""What proofs of liabilities say that we hold, asked of a real node."""

from typing import Any

import pytest

from tests.factories.wallets import account_balances
from wallets.chain.holdings import holdings_at, posted_block
from wallets.chain.rpc import RpcClient
from wallets.constants import HOLDING_PLACES
from wallets.models import LiabilityProof
from wallets.services.liability_proofs import proof_build, proof_request

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


def test_holdings_are_what_the_ledger_mirrors(chain: Any) -> None:
    chain.index()
    holdings = holdings_at(posted_block(), client=chain.client)
    assert holdings
    mirrored = account_balances(kind__startswith="onchain_")
    held = {place: int(str(holdings[place])) for place in HOLDING_PLACES}
    assert held == {place: -mirrored[f"onchain_{place}"] for place in held}


def test_a_proof_names_the_block_and_covers_what_is_owed(chain: Any) -> None:
    chain.index()
    proof_build(proof_pk=proof_request())
    proof = LiabilityProof.objects.get()
    assert proof.holdings
    assert proof.holdings["block"] == posted_block()
    assert sum(int(proof.holdings[place]) for place in HOLDING_PLACES) == proof.total


def test_a_chain_that_does_not_answer_is_said_to_be_unknown(chain: Any) -> None:
    nobody = RpcClient(["http://127.0.0.1:9"], timeout_seconds=0.2)
    assert holdings_at(posted_block(), client=nobody) is None
    assert holdings_at(None) is None
