"""Messages with which the owner of a chain address says who they are: their text, and what a text says.

The grammar is the standard's, and stricter where that leaves two spellings for one meaning: addresses carry
their EIP-55 checksum, chain ids no leading zeros. So a text is read only when writing it again gives the same
bytes.

Sources: EIP-4361 (Sign-In with Ethereum), EIP-55, RFC 3339 (date-time), RFC 3986 (URI, authority, pchar).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import AddressValueError, IPv6Address
from typing import Any

from eth_utils.address import is_checksum_address

from accounts.constants import ADDRESS_MESSAGE_MAX_LENGTH

_PCT = r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|{_PCT})"
_SCHEME = r"[A-Za-z][A-Za-z0-9+\-.]*"
_IP_LITERAL = r"\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]"
_USER = rf"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|{_PCT})*@)?"
_NAME_CHAR = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|{_PCT})"
_PATH = rf"(?://{_USER}(?:{_IP_LITERAL}|{_NAME_CHAR}*)(?::[0-9]*)?(?:/{_PCHAR}*)*"
_PATH += rf"|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR}+(?:/{_PCHAR}*)*|)"
_QUERY = rf"(?:{_PCHAR}|[/?])*"
_URI = rf"{_SCHEME}:{_PATH}(?:\?{_QUERY})?(?:#{_QUERY})?"
_AUTHORITY = rf"{_USER}(?:{_IP_LITERAL}|{_NAME_CHAR}+)(?::[0-9]*)?"
_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+\-][0-9]{2}:[0-9]{2})"
)

_MESSAGE = re.compile(
    rf"(?:(?P<scheme>{_SCHEME})://)?(?P<domain>{_AUTHORITY})"
    r" wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9A-Fa-f]{40})\n\n"
    r"(?:(?P<statement>[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]*)\n)?\n"
    rf"URI: (?P<uri>{_URI})\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>0|[1-9][0-9]{0,77})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,})\n"
    rf"Issued At: (?P<issued_at>{_TIME})"
    rf"(?:\nExpiration Time: (?P<expiration_time>{_TIME}))?"
    rf"(?:\nNot Before: (?P<not_before>{_TIME}))?"
    rf"(?:\nRequest ID: (?P<request_id>{_PCHAR}*))?"
    rf"(?P<resources>\nResources:(?:\n- {_URI})*)?",
    re.ASCII,
)
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_INSTANT = re.compile(r"(.{10})[Tt](.{8})(?:\.([0-9]+))?(?:([Zz])|([+\-])(..):(..))")


@dataclass(frozen=True, slots=True)
class SiweMessage:
    """The fields of a message, as they are written in it; None is a field that is not there.

    Attributes:
        domain: host[:port] that asks for the signature; `scheme` in front of it is optional.
        address: EIP-55 text.
        statement: one line of ASCII.
        issued_at, expiration_time, not_before: RFC 3339; `instant` reads them.
    """

    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: str
    scheme: str | None = None
    statement: str | None = None
    expiration_time: str | None = None
    not_before: str | None = None
    request_id: str | None = None
    resources: tuple[str, ...] | None = None


class MessageMalformed(ValueError):
    """The text is no EIP-4361 message."""


def message_text(message: SiweMessage) -> str:
    """The text that a wallet shows and signs."""
    origin = message.domain if message.scheme is None else f"{message.scheme}://{message.domain}"
    lines = [
        f"{origin} wants you to sign in with your Ethereum account:",
        message.address,
        "",
        *([] if message.statement is None else [message.statement]),
        "",
        f"URI: {message.uri}",
        "Version: 1",
        f"Chain ID: {message.chain_id}",
        f"Nonce: {message.nonce}",
        f"Issued At: {message.issued_at}",
    ]
    optional = {
        "Expiration Time": message.expiration_time,
        "Not Before": message.not_before,
        "Request ID": message.request_id,
    }
    lines += [f"{label}: {value}" for label, value in optional.items() if value is not None]
    if message.resources is not None:
        lines += ["Resources:", *(f"- {resource}" for resource in message.resources)]
    return "\n".join(lines)


def message_parse(text: str) -> SiweMessage:
    """What a text says. For every text that is read, `message_text` of the answer is that text again.

    Raises:
        MessageMalformed: it does not follow the grammar to the letter, names an impossible moment or address,
            or is longer than ADDRESS_MESSAGE_MAX_LENGTH.
    """
    if len(text) > ADDRESS_MESSAGE_MAX_LENGTH or not (match := _MESSAGE.fullmatch(text)):
        raise MessageMalformed
    fields: dict[str, Any] = match.groupdict()
    if fields["resources"] is not None:
        fields["resources"] = tuple(fields["resources"].split("\n- ")[1:])
    message = SiweMessage(**fields | {"chain_id": int(fields["chain_id"])})
    if not is_checksum_address(message.address):
        raise MessageMalformed
    _check_hosts(message.domain, message.uri, *(message.resources or ()))
    for moment in (message.issued_at, message.expiration_time, message.not_before):
        if moment is not None:
            instant(moment)
    return message


def instant(text: str) -> datetime:
    """The moment of an RFC 3339 date-time, aware, in UTC; digits below the microsecond are cut off.

    Raises:
        MessageMalformed: there is no such moment. Leap seconds count as none: no clock of ours shows one.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise MessageMalformed
    day, time, fraction, _, sign, hours, minutes = match.groups()
    ahead = timedelta()
    if sign is not None:
        if int(hours) > 23 or int(minutes) > 59:
            raise MessageMalformed
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
    try:
        moment = datetime.fromisoformat(f"{day}T{time}") - ahead
    except (ValueError, OverflowError):
        raise MessageMalformed from None
    return moment.replace(microsecond=int((fraction or "")[:6].ljust(6, "0")), tzinfo=UTC)


def _check_hosts(*texts: str) -> None:
    for text in texts:
        for host in _BRACKETED.findall(text.split("?")[0].split("#")[0]):
            try:
                IPv6Address(host)
            except AddressValueError:
                raise MessageMalformed from None
