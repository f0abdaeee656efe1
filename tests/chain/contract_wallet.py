"""Contract wallets on the local node."""

from functools import lru_cache

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.address import to_checksum_address

from wallets.chain.rpc import RpcClient
from wallets.chain.signer import DEVELOPMENT_ADDRESS

SOURCE = """
# pragma version 0.4.3
owner: address

@deploy
def __init__(owner: address):
    self.owner = owner

@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[4096]) -> bytes4:
    if len(signature) == 65:
        r: uint256 = convert(slice(signature, 0, 32), uint256)
        s: uint256 = convert(slice(signature, 32, 32), uint256)
        v: uint256 = convert(slice(signature, 64, 1), uint256)
        if ecrecover(digest, v, r, s) == self.owner:
            return 0x1626ba7e
    return 0xffffffff
"""


@lru_cache(maxsize=1)
def _creation_code() -> str:
    from vyper import compile_code

    return str(compile_code(SOURCE, output_formats=["bytecode"])["bytecode"])


def deployed_wallet(client: RpcClient, owner: str) -> str:
    """Address of a new wallet that accepts what the key of `owner` signed."""
    creation = {
        "from": DEVELOPMENT_ADDRESS,
        "data": _creation_code() + encode(["address"], [owner]).hex(),
    }
    tx_hash = client.call("eth_sendTransaction", creation)
    client.call("anvil_mine", "0x1")
    receipt = client.call("eth_getTransactionReceipt", tx_hash)
    assert receipt["status"] == "0x1"
    return str(to_checksum_address(receipt["contractAddress"]))


def address_with_code(client: RpcClient, code: str) -> str:
    """A new address at which this runtime code (hex) stands."""
    address = str(Account.create().address)
    client.call("anvil_setCode", address, f"0x{code}")
    return address
