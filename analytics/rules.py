"""Pure decisions of analytics: which events are taken, and how days make weeks and months."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from analytics.constants import (
    EVENT_ID_MAX_LENGTH,
    EVENT_MAX_AGE,
    EVENT_MAX_AHEAD,
    NAME_MAX_LENGTH,
    PROPERTIES_MAX_COUNT,
    PROPERTIES_MAX_DEPTH,
    PROPERTY_NAME_MAX_LENGTH,
    PROPERTY_TEXT_MAX_LENGTH,
    RESERVED_PREFIXES,
    SESSION_ID_MAX_LENGTH,
    Interval,
)

_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*", re.ASCII)
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_FIELDS = frozenset({"event_id", "name", "ts", "session_id", "properties"})
# JSON integers past this come back changed from JavaScript and from some databases.
_MAX_SAFE_INTEGER = 2**53 - 1

# Found anywhere in the name in lower case without separators, so that "API-Key" and "apiKey" are one.
_SECRET_PARTS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "mnemonic",
    "seedphrase",
    "cardnumber",
    "creditcard",
)
# Short ones only as whole words: "otp" is also in "footprint".
_SECRET_WORDS = frozenset({"pwd", "otp", "pin", "cvv", "cvc", "iban", "ssn", "jwt"})
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one event of a batch was not taken."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class AcceptedEvent:
    """One event of a batch, checked; `event_id` is empty when the client gave none."""

    event_id: str
    name: str
    ts: datetime
    session_id: str
    properties: dict[str, Any]


class NotAccepted(Exception):
    """Carries the rejection out of the nested checks of one event."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.rejection = Rejection(code, message)


@lru_cache(maxsize=4096)
def property_name_is_secret(name: str) -> bool:
    """Whether a property of this name looks as if it held a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if any(part in plain for part in _SECRET_PARTS):
        return True
    return not _SECRET_WORDS.isdisjoint(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4096)
def event_name_problem(name: str) -> Rejection | None:
    """What is wrong with the name of a client's event, if anything."""
    if len(name) > NAME_MAX_LENGTH or _NAME.fullmatch(name) is None:
        return Rejection(
            "EVENT_NAME_INVALID", "A name is lower case words joined by _ or dots, up to 80 characters."
        )
    if name.partition(".")[0] in RESERVED_PREFIXES:
        return Rejection("EVENT_NAME_RESERVED", "Names of the platform's own events can't be sent.")
    return None


def event_accept(raw: object, *, now: datetime) -> AcceptedEvent:
    """One event of a batch as it will be stored.

    Args:
        raw: any JSON value.
        now: platform time.

    Raises:
        NotAccepted: with the code that the client gets for this index.
    """
    if not isinstance(raw, dict) or not _FIELDS.issuperset(raw):
        raise NotAccepted("EVENT_INVALID", "An event is {event_id?, name, ts, session_id?, properties?}.")
    name = raw.get("name")
    if not isinstance(name, str):
        raise NotAccepted("EVENT_NAME_INVALID", "The name is missing or not text.")
    problem = event_name_problem(name)
    if problem is not None:
        raise NotAccepted(problem.code, problem.message)
    properties = raw.get("properties")
    if properties is not None:
        _properties_check(properties)
    return AcceptedEvent(
        event_id=_short_text(raw.get("event_id"), "event_id", EVENT_ID_MAX_LENGTH),
        name=name,
        ts=_instant(raw.get("ts"), now),
        session_id=_short_text(raw.get("session_id"), "session_id", SESSION_ID_MAX_LENGTH),
        properties=properties or {},
    )


def _short_text(value: object, field: str, max_length: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= max_length and _VISIBLE.fullmatch(value):
        return value
    raise NotAccepted("EVENT_INVALID", f"{field} is 1 to {max_length} visible ASCII characters.")


def _instant(value: object, now: datetime) -> datetime:
    instant: datetime | None
    try:
        instant = datetime.fromisoformat(value)  # type: ignore[arg-type]
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC) if instant.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        instant = None
    if instant is None:
        raise NotAccepted("EVENT_TIME_INVALID", "ts is an ISO 8601 time with a zone.")
    if not now - EVENT_MAX_AGE <= instant <= now + EVENT_MAX_AHEAD:
        raise NotAccepted("EVENT_TIME_INVALID", "ts is more than 7 days old or 10 minutes ahead.")
    return instant


def _properties_check(properties: object) -> None:
    if not isinstance(properties, dict):
        raise NotAccepted("EVENT_PROPERTIES_INVALID", "properties is an object.")
    if _checked_count(properties, 1) > PROPERTIES_MAX_COUNT:
        raise NotAccepted("EVENT_PROPERTIES_INVALID", f"At most {PROPERTIES_MAX_COUNT} values.")


def _checked_count(value: Any, level: int) -> int:
    """Values inside `value`, each checked; depth is bounded, so this recursion is."""
    if level > PROPERTIES_MAX_DEPTH:
        raise NotAccepted("EVENT_PROPERTIES_INVALID", f"At most {PROPERTIES_MAX_DEPTH} levels.")
    count = len(value)
    if isinstance(value, dict):
        for name in value:
            _property_name_check(name)
        value = value.values()
    for item in value:
        if isinstance(item, str):
            _property_text_check(item)
        elif isinstance(item, (dict, list)):
            count += _checked_count(item, level + 1)
        elif isinstance(item, int) and abs(item) > _MAX_SAFE_INTEGER:
            raise NotAccepted("EVENT_PROPERTIES_INVALID", "Whole numbers are below 2^53.")
    return count


def _property_name_check(name: str) -> None:
    if not 0 < len(name) <= PROPERTY_NAME_MAX_LENGTH or "\x00" in name:
        raise NotAccepted("EVENT_PROPERTIES_INVALID", "A property name is 1 to 64 characters.")
    if property_name_is_secret(name):
        raise NotAccepted("EVENT_PROPERTY_FORBIDDEN", "A property looks like a secret by its name.")


def _property_text_check(text: str) -> None:
    if len(text) > PROPERTY_TEXT_MAX_LENGTH or "\x00" in text:
        raise NotAccepted("EVENT_PROPERTIES_INVALID", "A text is at most 1000 characters, without NUL.")


def properties_without_secrets(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A domain event's payload as it may be kept: names that look like secrets are left out."""
    return {name: value for name, value in payload.items() if not property_name_is_secret(name)}


def interval_start(day: date, interval: str) -> date:
    """First day of the interval that holds this day; weeks begin on Monday."""
    if interval == Interval.WEEK:
        return day - timedelta(days=day.weekday())
    if interval == Interval.MONTH:
        return day.replace(day=1)
    return day


def interval_next(start: date, interval: str) -> date:
    """First day of the interval after the one that starts here."""
    if interval == Interval.WEEK:
        return start + timedelta(days=7)
    if interval == Interval.MONTH:
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=1)


def interval_starts(first_day: date, last_day: date, interval: str) -> list[date]:
    """Starts of all intervals that touch these days, in order."""
    starts = [interval_start(first_day, interval)]
    while (following := interval_next(starts[-1], interval)) <= last_day:
        starts.append(following)
    return starts
