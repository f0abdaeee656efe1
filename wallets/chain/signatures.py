"""Signatures of contract wallets.

Source: EIP-1271 (isValidSignature, magic value 0x1626ba7e).
"""

from ogc.errors import ServiceUnavailable
from wallets.chain.contracts import encode_call
from wallets.chain.rpc import RpcError, RpcUnavailable, default_client

MAGIC_VALUE = "0x1626ba7e"
GAS_LIMIT = 5_000_000
"""Enough for many owners or a passkey checked in the contract; what burns more is no wallet."""

REVERTED_CODE = 3
_RAN = ("revert", "gas", "evm error", "opcode", "instruction", "vm exception", "vm execution", "stack")
"""Words by which nodes say that the contract ran and failed; their codes are the same as for being busy."""


def contract_signature_is_valid(address: str, digest: bytes, signature: bytes) -> bool:
    """Whether the contract at an address accepts the signature; False when there is no contract.

    A contract that reverts, burns its gas or answers anything but the magic value has not accepted it. Fills
    `accounts.ports.contract_signature_is_valid`.

    Raises:
        ServiceUnavailable: the chain can't be asked.
    """
    data = encode_call("isValidSignature(bytes32,bytes)", digest, signature)
    call = {"to": address, "data": data, "gas": hex(GAS_LIMIT)}
    try:
        answer = default_client().call("eth_call", call, "latest")
    except RpcError as error:
        if _contract_failed(error):
            return False
        raise ServiceUnavailable from error
    except RpcUnavailable as error:
        raise ServiceUnavailable from error
    return isinstance(answer, str) and answer.lower() == MAGIC_VALUE.ljust(66, "0")


def _contract_failed(error: RpcError) -> bool:
    text = str(error).lower()
    return error.code == REVERTED_CODE or any(word in text for word in _RAN)
