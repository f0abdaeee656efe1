"""Signatures of contract wallets.

Source: EIP-1271 (isValidSignature, magic value 0x1626ba7e).
"""

from ogc.errors import ServiceUnavailable
from wallets.chain.contracts import encode_call
from wallets.chain.rpc import RpcError, RpcUnavailable, default_client

MAGIC_VALUE = "0x1626ba7e"


def contract_signature_is_valid(address: str, digest: bytes, signature: bytes) -> bool:
    """Whether the contract at an address accepts the signature; False when there is no contract.

    Fills `accounts.ports.contract_signature_is_valid`.

    Raises:
        ServiceUnavailable: the chain can't be asked.
    """
    call = {"to": address, "data": encode_call("isValidSignature(bytes32,bytes)", digest, signature)}
    try:
        answer = default_client().call("eth_call", call, "latest")
    except RpcError:
        return False
    except RpcUnavailable as error:
        raise ServiceUnavailable from error
    return isinstance(answer, str) and answer == MAGIC_VALUE.ljust(66, "0")
