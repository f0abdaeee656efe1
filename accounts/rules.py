"""Pure decisions of the accounts app: addresses, passwords, lockout."""

import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from accounts.constants import LOCKOUT_FORGET_SECONDS, LOCKOUT_WAIT_MAX_SECONDS
from ogc.actors import Actor
from ogc.errors import RoleTooHigh


def email_normalise(email: str) -> str:
    """One spelling for all ways to write an address: NFKC, no blanks around, lower case.

    The local part is lower-cased too: no provider in use tells capitals apart, and people do not.
    """
    return unicodedata.normalize("NFKC", email).strip().lower()


_LOOKALIKES = str.maketrans("OIL", "011")


def recovery_code_plain(text: str) -> str:
    """One spelling for all ways to write a recovery code: case, dashes, blanks, O for 0, I and L for 1."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper().translate(_LOOKALIKES)


def network_counted(ip: str) -> str:
    """What failures from an address count against: itself, or in IPv6 the /64 that one customer gets."""
    address = ipaddress.ip_address(ip)
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((address, 64), strict=False))


def password_normalise(password: str) -> str:
    """One spelling of what the same keys give on different machines: NFC, and nothing else.

    Neither blanks nor capitals nor look-alike characters are changed: those are somebody's choice.

    Source: NIST SP 800-63B-4, section 3.1.1.2.
    """
    return unicodedata.normalize("NFC", password)


def password_is_like(password: str, words: list[str]) -> bool:
    """Whether a password is little more than somebody's name or address.

    A part of 4 letters or more of a word counts when what remains of the password is shorter than the part.
    """
    plain = password.casefold()
    parts = {part for word in words for part in [word, *re.split(r"\W+", word)]}
    for part in (part.casefold() for part in parts if len(part) >= 4):
        if part in plain and len(plain) - len(part) < max(len(part), 6):
            return True
    return False


def login_news(device: str, network: str, known: Collection[tuple[str, str]]) -> list[str]:
    """What of a login was not seen before: "device", "network", both, or nothing.

    Args:
        network: empty when the address is not known, which is no news.
        known: (device, network) of earlier logins.
    """
    news = [] if any(device == seen for seen, _ in known) else ["device"]
    return news + (["network"] if network and not any(network == seen for _, seen in known) else [])


@dataclass(frozen=True, slots=True)
class FailureCount:
    """Failed logins of one subject (model LoginFailure, without its key)."""

    failures_count: int
    strikes_count: int
    window_started_at: datetime
    last_failed_at: datetime
    locked_until: datetime | None


def failure_add(
    before: FailureCount | None, *, now: datetime, limit: int, window_seconds: int
) -> FailureCount:
    """The count after one more failure.

    `limit` failures in a window lock the subject for as long as the window, twice as long at the next
    strike, and so on up to an hour (or one window, if that is longer). A day without failures forgets the
    strikes.
    """
    failures, strikes, started = 1, 0, now
    if before is not None:
        forget = timedelta(seconds=LOCKOUT_FORGET_SECONDS)
        strikes = before.strikes_count if now - before.last_failed_at < forget else 0
        if before.failures_count and now - before.window_started_at < timedelta(seconds=window_seconds):
            failures, started = before.failures_count + 1, before.window_started_at
    if failures < limit:
        locked_until = before.locked_until if before else None
        return FailureCount(failures, strikes, started, now, locked_until)
    wait = min(window_seconds * 2 ** min(strikes, 20), max(LOCKOUT_WAIT_MAX_SECONDS, window_seconds))
    return FailureCount(0, strikes + 1, now, now, now + timedelta(seconds=wait))


def require_not_above(actor: Actor, target: Actor) -> None:
    """Staff do not act on staff who hold a scope that they lack (api.md, Roles).

    Raises:
        RoleTooHigh: `details.scopes` lists what the caller lacks.
    """
    lacking = sorted(scope for scope in target.scopes if not actor.has(scope))
    if target.is_staff and lacking:
        raise RoleTooHigh(scopes=lacking)


_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?", re.ASCII)


def locale_canonical(text: str) -> str | None:
    """A language tag of language, script and region in its canonical case (BCP 47); None: not one."""
    parts = _LOCALE.fullmatch(text)
    if parts is None:
        return None
    language, script, region = parts.groups()
    spelt = (language.lower(), script.title() if script else None, region.upper() if region else None)
    return "-".join(part for part in spelt if part)


def time_zone_is_known(name: str) -> bool:
    """Whether this is the name of an IANA time zone."""
    return name in _time_zones()


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"Factory", "localtime"}


def profile_is_complete(name: str, bio: str, avatar: str, locale: str, time_zone: str) -> bool:
    """Whether everything is set that product.md counts (Contribution points)."""
    return all((name, bio, avatar, locale, time_zone))
