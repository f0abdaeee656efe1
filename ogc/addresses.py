"""EVM addresses: read in every spelling that people write, kept in one. Nothing else reads them."""

import re

from eth_utils.address import to_checksum_address

_FORM = re.compile(r"0[xX][0-9a-fA-F]{40}", re.ASCII)
_NOBODY = "0x" + "0" * 40


def read_address(text: object) -> str | None:
    """The address with its checksum, or None where the text is no address or its checksum is wrong.

    Digits that are all lower or all upper case carry no checksum and pass; so does `0X`, as `0x` becomes
    where everything is written in capitals. The zero address is nobody's: None.

    Source: EIP-55.
    """
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        return None
    address, digits = str(to_checksum_address(text)), text[2:]
    if address == _NOBODY or digits not in (address[2:], digits.lower(), digits.upper()):
        return None
    return address
