# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title OGC staking vault
@notice ERC-4626 vault over the OGC token. Shares carry 6 more decimals than the asset
        (virtual shares), and whoever deploys it locks a first deposit for good, so that
        nobody can inflate the price of a share before the first staker arrives.
@dev    Sources: EIP-4626 (security considerations), EIP-20; built on snekmate's module.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC4626
from snekmate.extensions import erc4626

implements: IERC4626

initializes: erc4626

exports: erc4626.__interface__


@deploy
def __init__(asset: IERC20):
    """
    @param asset The OGC token.
    """
    erc4626.__init__("OGC Vault Share", "vOGC", asset, 6, "OGC Vault Share", "1")
