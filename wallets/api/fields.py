"""Input fields of money calls."""

from typing import Any

from governance.constants import REASON_LENGTH
from ogc.api.fields import EMAIL_MAX_LENGTH, SeenText, Text
from wallets.constants import MEMO_MAX_LENGTH


class Memo(SeenText):
    """A short line for the receiver."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MEMO_MAX_LENGTH, min_length=0, **kwargs)


class Reason(SeenText):
    """Why staff did something; of moves of money the user sees it, as the memo of a transaction too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=REASON_LENGTH, **kwargs)


class Receiver(Text):
    """A user id, an e-mail address, or a 0x address (EIP-55); nothing else can be paid.

    Whether it names somebody, or is an address at all, is the service's to say: whether the giver may give
    comes first.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_MAX_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text; an address begins with 0x in small letters."""
        text = super().to_internal_value(data)
        if not text.isascii():
            self.fail("characters")
        return f"0x{text[2:]}" if text.startswith("0X") else text
