# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title OGC token
@notice ERC-20 with EIP-2612 permit and a fixed supply: 500,000,000 OGC of 18 decimals,
        minted once, to the cold address, while the contract is deployed. Minting, burning
        and ownership are not exported, so nobody can change the supply afterwards.
@dev    Sources: EIP-20, EIP-2612, EIP-712; built on snekmate's audited module.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from snekmate.auth import ownable as ow
from snekmate.tokens import erc20

implements: IERC20
implements: IERC20Detailed

initializes: ow
initializes: erc20[ownable := ow]

exports: (
    erc20.transfer,
    erc20.transferFrom,
    erc20.approve,
    erc20.balanceOf,
    erc20.allowance,
    erc20.totalSupply,
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.permit,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
)


@deploy
def __init__(cold: address):
    """
    @param cold Receives the whole supply.
    """
    ow.__init__()
    erc20.__init__("OGC NewFinity", "OGC", 18, "OGC NewFinity", "1")
    erc20._mint(cold, 500_000_000 * 10 ** 18)
    erc20.is_minter[msg.sender] = False
    ow._transfer_ownership(empty(address))
