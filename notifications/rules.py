"""Pure decisions of notifications: who gets what where, and when a failed delivery is tried again."""

import re
from collections.abc import Mapping, Sequence

from notifications.constants import (
    FORCED_TYPES,
    MAILED_BY_DEFAULT,
    SERVED_CHANNELS,
    Channel,
    NotificationType,
)

_LINK_PARTS = re.compile(r"://(?=\S)|(?<=[^\W_])\.(?=[^\W_])|@(?=\S)")

ChannelChoices = Mapping[str, Mapping[str, bool]]


def retry_delay_seconds(attempts: int, delays: Sequence[int]) -> int | None:
    """How long to wait after the attempt number `attempts` (from 1) failed; None: give up."""
    return delays[attempts - 1] if attempts <= len(delays) else None


def attempts_are_spent(attempts: int, delays: Sequence[int]) -> bool:
    """Whether one attempt more was begun than there are delays and a first try: earlier ones died midway."""
    return attempts > len(delays) + 1


def channel_is_default(kind: str, channel: str) -> bool:
    """What holds for somebody who never chose."""
    if channel == Channel.EMAIL:
        return kind in MAILED_BY_DEFAULT
    return channel == Channel.IN_APP


def channel_is_wanted(kind: str, channel: str, choices: ChannelChoices) -> bool:
    """Whether a notification of this type goes over this channel for somebody with these choices."""
    if channel not in SERVED_CHANNELS:
        return False
    if kind in FORCED_TYPES:
        return channel_is_default(kind, channel)
    return choices.get(kind, {}).get(channel, channel_is_default(kind, channel))


def channels_in_full(choices: ChannelChoices) -> dict[str, dict[str, bool]]:
    """The complete table type → channel → on, defaults and forced ones filled in."""
    return {
        kind: {
            channel: channel_is_default(kind, channel)
            if kind in FORCED_TYPES
            else bool(choices.get(kind, {}).get(channel, channel_is_default(kind, channel)))
            for channel in Channel.values
        }
        for kind in NotificationType.values
    }


def forbidden_choices(choices: ChannelChoices) -> list[str]:
    """Types that somebody tries to turn off although nobody can, in table order."""
    return [
        kind
        for kind in choices
        if kind in FORCED_TYPES
        and any(not on and channel_is_default(kind, channel) for channel, on in choices[kind].items())
    ]


def words_only(text: str) -> str:
    """A text that somebody chose, with nothing in it that a mail program makes a link of.

    Mails go to addresses that nobody has proved yet: a name must not be what a stranger is told to open.
    """
    return _LINK_PARTS.sub(lambda part: f"{part[0]} ", text)
