"""Input fields of money calls."""

import unicodedata
from typing import Any

from governance.constants import REASON_LENGTH
from ogc.api.fields import EMAIL_MAX_LENGTH, EthAddress, Text
from wallets.constants import MEMO_MAX_LENGTH

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories: control, format, unassigned, private use, surrogate, line and paragraph separators."""

_JOINERS = {"\u200c", "\u200d"}
"""Zero width (non-)joiner: words of several scripts and emoji need them (Unicode, UTS 51 and UAX 31)."""


class SeenText(Text):
    """A line that people see whole: in one spelling (NFC), and with nothing that can't be seen."""

    def to_internal_value(self, data: Any) -> str:
        """The line. Invisible and unassigned characters are refused; joiners stay, emoji need them."""
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(char) in _UNSEEN and char not in _JOINERS for char in text):
            self.fail("characters")
        if len(text) > self.max_length:
            self.fail("long", limit=self.max_length)
        if text and _JOINERS.issuperset(text):
            self.fail("blank")
        return text


class Memo(SeenText):
    """A short line for the receiver."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MEMO_MAX_LENGTH, min_length=0, **kwargs)


class Reason(SeenText):
    """Why staff did something; the user sees it, as the memo of a transaction too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=REASON_LENGTH, **kwargs)


class Receiver(Text):
    """A user id, an e-mail address, or a 0x address (EIP-55); nothing else can be paid.

    A text that names nobody is left to the service, which answers RECIPIENT_NOT_FOUND.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_MAX_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text; a 0x address with its checksum."""
        text = super().to_internal_value(data)
        if text[:2] in ("0x", "0X"):
            return EthAddress().to_internal_value("0x" + text[2:])
        if not text.isascii():
            self.fail("characters")
        return text
