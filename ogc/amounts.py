"""OGC amounts: signed integers of base units inside, decimal strings outside, 18 decimals on chain.

1 OGC = 10^9 base units = 10^18 wei of the token. This is the only place that converts.
"""

import re

from ogc.errors import InvalidAmount

BASE_UNIT_DIGITS = 9
BASE_UNITS_PER_OGC: int = 10**BASE_UNIT_DIGITS
WEI_PER_BASE_UNIT = 10**9
SUPPLY_OGC = 500_000_000
SUPPLY_BASE_UNITS = SUPPLY_OGC * BASE_UNITS_PER_OGC

_FORM = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,9}))?", re.ASCII)


def parse_amount(text: object) -> int:
    """Base units of a decimal string such as "12.5".

    Raises:
        InvalidAmount: not a string, signed, an exponent, leading zeros, more than 9 fraction digits, zero,
            or more than the whole supply.
    """
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidAmount
    units = int(match[1]) * BASE_UNITS_PER_OGC + int((match[2] or "").ljust(BASE_UNIT_DIGITS, "0"))
    if not 0 < units <= SUPPLY_BASE_UNITS:
        raise InvalidAmount
    return units


def parse_signed_amount(text: object) -> int:
    """As `parse_amount`, with an optional leading minus (adjustments take as well as give)."""
    if isinstance(text, str) and text.startswith("-"):
        return -parse_amount(text[1:])
    return parse_amount(text)


def format_amount(base_units: int) -> str:
    """The shortest decimal string of an amount: 12500000000 → "12.5"."""
    sign = "-" if base_units < 0 else ""
    whole, rest = divmod(abs(base_units), BASE_UNITS_PER_OGC)
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:09d}".rstrip("0")


def to_wei(base_units: int) -> int:
    """On-chain value of an amount."""
    return base_units * WEI_PER_BASE_UNIT


def from_wei(wei: int) -> tuple[int, int]:
    """Base units of an on-chain value, and the dust in wei that is below one base unit."""
    return divmod(wei, WEI_PER_BASE_UNIT)
