"""The on-chain side of `reconcile`: what the ledger says we hold, against what the chain says.

Compared at the indexer's last posted block C. What is posted beyond C (a second indexer, a late settlement)
is taken out of the ledger's side. A node without state at C answers `unknown`, and stops nothing.
"""

from django.db.models import Sum

from ogc.amounts import format_amount, from_wei, to_wei
from wallets.chain.constants import LogStatus
from wallets.chain.contracts import balance_call, decode_uint
from wallets.chain.network import NetworkMismatch, NetworkUnknown, hot_addresses, network_get, verify
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable, default_client
from wallets.constants import AccountKind
from wallets.models import ChainPosition, Entry, SeenTransfer
from wallets.services.reconciliation import CheckResult, CheckStatus

NAME = "onchain_hot_equals_chain"
LOOKS = 3
"""The position moves while we look: a difference counts when it is there each time."""


def hot_wallet_check(client: RpcClient | None = None) -> CheckResult:
    """Compare the hot wallets' tokens with the ledger. The node is asked outside any transaction."""
    client = client or default_client()
    try:
        network = network_get()
        verify(client, network)
        detail = ""
        for _ in range(LOOKS):
            block = ChainPosition.objects.values_list("final_number", flat=True).get(key="active")
            booked_wei, held_wei = _booked_wei(block), _held_wei(client, network.token, block)
            if booked_wei == held_wei:
                units, _ = from_wei(held_wei)
                return CheckResult(NAME, CheckStatus.OK, f"{format_amount(units)} OGC at block {block}")
            detail = f"at block {block}: ledger {booked_wei} wei, chain {held_wei} wei"
        return CheckResult(NAME, CheckStatus.WRONG, detail)
    except NetworkMismatch as error:
        return CheckResult(NAME, CheckStatus.WRONG, str(error))
    except (NetworkUnknown, RpcUnavailable, RpcError) as error:
        return CheckResult(NAME, CheckStatus.UNKNOWN, str(error))


def _booked_wei(block: int) -> int:
    """What the hot wallets should hold at a block: the contra account, the dust, less what is posted
    beyond."""
    entries = Entry.objects.filter(account__key=AccountKind.ONCHAIN_HOT)
    units = -(entries.aggregate(total=Sum("amount"))["total"] or 0)
    final = SeenTransfer.objects.filter(status=LogStatus.FINAL)
    dust = final.filter(block_number__lte=block).aggregate(total=Sum("dust_wei"))["total"] or 0
    hot = hot_addresses()
    beyond = 0
    for transfer in final.filter(block_number__gt=block):
        value = int(transfer.value_wei) - transfer.dust_wei
        beyond += value * ((transfer.receiver in hot) - (transfer.sender in hot))
    return to_wei(units) + dust - beyond


def _held_wei(client: RpcClient, token: str, block: int) -> int:
    calls = [
        ("eth_call", [{"to": token, "data": balance_call(address)}, hex(block)])
        for address in sorted(hot_addresses())
    ]
    return sum(decode_uint(answer.unwrap()) for answer in client.batch(calls))
