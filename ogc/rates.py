"""Rate texts: `10/h`, `5/5m`, `off`."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,3})?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` calls in each window of `seconds`."""

    count: int
    seconds: int


def parse_rate(text: str) -> Rate | None:
    """The rate of a setting; None for `off`.

    Raises:
        ValueError: not of the form count/period.
    """
    if text == "off":
        return None
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("a rate such as 10/h, 5/5m, 30/m, or off")
    return Rate(int(match[1]), int(match[2] or 1) * _SECONDS[match[3]])
