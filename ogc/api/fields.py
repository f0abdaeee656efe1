"""Input fields that take exactly one JSON type and never convert silently.

In query strings everything is text: with `text` in the serializer's context, numbers, booleans and the like
are read from their one spelling.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from rest_framework import serializers

from ogc.addresses import read_address
from ogc.amounts import format_amount, parse_amount, parse_signed_amount
from ogc.ids import is_public_id

# Also what turns the direction of the text around it, with which names can lie.
_CONTROL = re.compile(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
_LINE_BREAK = re.compile(r"[\r\n\t]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories: control, format, unassigned, private use, surrogate, line and paragraph separators."""
_JOINERS = {"\u200c", "\u200d"}
"""Zero width (non-)joiner: words of several scripts and emoji need them (Unicode, UTS 51 and UAX 31)."""
_SELECTORS = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
"""Variation selectors: they change how the character before them looks, and are nothing without one."""
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, vowels and a symbol by category that show as nothing."""
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)  # fmt: skip
EMAIL_MAX_LENGTH = 254


UUID7_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
AMOUNT_PATTERN = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$"


class StrictField(serializers.Field):
    """Base: what comes in is checked by the subclass, what goes out is shown as it is."""

    @property
    def is_text(self) -> bool:
        """Whether the value comes from a query string or a form, where all values are text."""
        return bool(self.context.get("text") or self.context.get("form"))

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string"}

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class Text(StrictField):
    """A string; outer white space goes unless `trim` is off; control characters are refused.

    Args:
        multiline: line breaks and tabs are allowed.
        min_length: after trimming; 0 allows the empty text.
    """

    default_error_messages = {
        "invalid": "This must be a text.",
        "blank": "This may not be empty.",
        "short": "This must have at least {limit} characters.",
        "long": "This must have at most {limit} characters.",
        "characters": "This has characters that are not allowed.",
        "form": "This does not have the right form.",
    }

    def __init__(
        self,
        *,
        max_length: int,
        min_length: int = 1,
        multiline: bool = False,
        trim: bool = True,
        pattern: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_length, self.min_length = max_length, min_length
        self.multiline, self.trim = multiline, trim
        self.pattern = re.compile(pattern, re.ASCII) if pattern else None

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        schema = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}
        return schema | ({"pattern": f"^{self.pattern.pattern}$"} if self.pattern else {})

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str):
            self.fail("invalid")
        if _SURROGATE.search(data) or _CONTROL.search(data):
            self.fail("characters")
        if not self.multiline and _LINE_BREAK.search(data):
            self.fail("characters")
        text: str = data.strip() if self.trim else data
        if len(text) < self.min_length:
            self.fail("blank" if not text else "short", limit=self.min_length)
        if len(text) > self.max_length:
            self.fail("long", limit=self.max_length)
        if self.pattern and not self.pattern.fullmatch(text):
            self.fail("form")
        return text


class SeenText(Text):
    """A line that people see whole: in one spelling (NFC), and with nothing that can't be seen."""

    def to_internal_value(self, data: Any) -> str:
        """The line. Invisible and unassigned characters are refused; joiners stay, emoji need them."""
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(char) in _UNSEEN and char not in _JOINERS for char in text):
            self.fail("characters")
        if not _FILLERS.isdisjoint(text):
            self.fail("characters")
        if len(text) > self.max_length:
            self.fail("long", limit=self.max_length)
        if text and (_JOINERS | _SELECTORS).issuperset(text):
            self.fail("blank")
        return text


class Int(StrictField):
    """A whole number within bounds; 1.0 and true are not numbers here."""

    default_error_messages = {
        "invalid": "This must be a whole number.",
        "bounds": "This must be between {low} and {high}.",
    }

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if self.is_text and isinstance(data, str) and _INTEGER.fullmatch(data):
            data = int(data)
        if type(data) is not int:
            self.fail("invalid")
        if not self.minimum <= data <= self.maximum:
            self.fail("bounds", low=self.minimum, high=self.maximum)
        return int(data)


class Bool(StrictField):
    """true or false."""

    default_error_messages = {"invalid": "This must be true or false."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "boolean"}

    def to_internal_value(self, data: Any) -> bool:
        """The truth value."""
        if self.is_text and data in ("true", "false"):
            return data == "true"
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Amount(StrictField):
    """A token amount: a decimal string outside, base units inside; raises INVALID_AMOUNT."""

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.signed = signed

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Base units; a null is a bad amount too."""
        if data is None and not self.allow_null:
            return parse_amount(None)
        return super().run_validation(data)

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        sign = "-?" if self.signed else ""
        return {"type": "string", "pattern": f"^{sign}{AMOUNT_PATTERN}", "examples": ["12.5"]}

    def to_internal_value(self, data: Any) -> int:
        """Base units."""
        return parse_signed_amount(data) if self.signed else parse_amount(data)

    def to_representation(self, value: int) -> str:
        """The decimal string."""
        return format_amount(value)


class PublicId(StrictField):
    """UUIDv7 text in its canonical spelling."""

    default_error_messages = {"invalid": "This must be an id."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "pattern": UUID7_PATTERN}

    def to_internal_value(self, data: Any) -> str:
        """The id."""
        if not is_public_id(data):
            self.fail("invalid")
        return str(data)


class Email(StrictField):
    """An e-mail address, in lower case (addresses that differ only in case are one)."""

    default_error_messages = {"invalid": "This must be an e-mail address."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "format": "email", "maxLength": EMAIL_MAX_LENGTH}

    def to_internal_value(self, data: Any) -> str:
        """The address."""
        if not isinstance(data, str) or not 3 <= len(data) <= EMAIL_MAX_LENGTH or not data.isascii():
            self.fail("invalid")
        try:
            validate_email(data)
        except ValidationError:
            self.fail("invalid")
        # An address literal (user@[10.0.0.1]) would let anybody aim our mail at any machine.
        if data.endswith("]"):
            self.fail("invalid")
        return str(data).lower()


class Instant(StrictField):
    """A moment in ISO 8601 with Z or an offset, between the years 2000 and 2100; aware UTC inside."""

    default_error_messages = {"invalid": "This must be a time such as 2026-01-31T12:00:00Z."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "format": "date-time"}

    def to_internal_value(self, data: Any) -> datetime:
        """The moment."""
        if not isinstance(data, str) or not _INSTANT.fullmatch(data):
            self.fail("invalid")
        try:
            moment = datetime.fromisoformat(data).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not 2000 <= moment.year <= 2100:
            self.fail("invalid")
        return moment

    def to_representation(self, value: datetime) -> str:
        """ISO 8601 with Z."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Choice(StrictField):
    """One of a fixed list of texts."""

    default_error_messages = {"invalid": "This must be one of: {choices}."}

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = tuple(str(choice) for choice in choices)

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "enum": list(self.choices)}

    def to_internal_value(self, data: Any) -> str:
        """The chosen text."""
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid", choices=", ".join(self.choices))
        return str(data)


class File(StrictField):
    """A file of a form; its content is checked by the service."""

    default_error_messages = {"invalid": "This must be a file of a form."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "format": "binary"}

    def to_internal_value(self, data: Any) -> UploadedFile:
        """The file as it was uploaded; its name and type are the client's words."""
        if not isinstance(data, UploadedFile):
            self.fail("invalid")
        return data


class EthAddress(StrictField):
    """A 0x address; mixed case must carry a right checksum (EIP-55); checksummed inside."""

    default_error_messages = {"invalid": "This must be a 0x address with a right EIP-55 checksum."}

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "string", "pattern": "^0[xX][0-9a-fA-F]{40}$"}

    def to_internal_value(self, data: Any) -> str:
        """The checksummed address."""
        address = read_address(data)
        if address is None:
            self.fail("invalid")
        return address


class JsonObject(StrictField):
    """A JSON object with bounded depth and number of values.

    Args:
        max_items: values at all depths together.
        max_depth: 1 is a flat object.
    """

    default_error_messages = {
        "invalid": "This must be an object.",
        "size": "This is too large or too deep.",
        "characters": "This has characters that are not allowed.",
    }

    def __init__(self, *, max_items: int = 200, max_depth: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_items, self.max_depth = max_items, max_depth

    def json_schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""
        return {"type": "object", "additionalProperties": True}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object as it is."""
        if not isinstance(data, dict):
            self.fail("invalid")
        level, count = [data], 0
        for _ in range(self.max_depth):
            inner: list[Any] = []
            for item in level:
                values = list(item.values()) + list(item) if isinstance(item, dict) else item
                count += len(values)
                if any(isinstance(value, str) and _SURROGATE.search(value) for value in values):
                    self.fail("characters")
                inner += [value for value in values if isinstance(value, (dict, list))]
            level = inner
        if level or count > 2 * self.max_items:
            self.fail("size")
        return data


class ListOf(serializers.ListField):
    """A JSON array of one kind of value."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """The values; a text, an object or a form's list are not arrays."""
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return super().to_internal_value(data)
