"""Public identifiers: UUIDv7 text. Row numbers never leave the database.

Source: RFC 9562, section 5.7 (version 7) with method 3 of section 6.2 (sub-millisecond fraction in rand_a).
"""

import os
import re
import time

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def uuid7() -> str:
    """A new identifier, ordered by the time of its making to about a quarter of a microsecond."""
    now_ns = time.time_ns()
    milliseconds, rest_ns = divmod(now_ns, 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    random_bits = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | random_bits
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_public_id(text: object) -> bool:
    """Whether this is UUIDv7 text in its one canonical spelling (lower case, with dashes)."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None
