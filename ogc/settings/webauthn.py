"""For whom passkeys are made (RP id) and from which pages they may be used (origins), from PUBLIC_URL.

Browsers take no IP address as an RP id, so that a platform on one, as on a local run, is reached by passkeys
under the name `localhost` and the same port.
Source: Web Authentication Level 3, sections 5.1.3 and 13.4.9.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_ANDROID = re.compile(r"android:apk-key-hash:[A-Za-z0-9_-]{43}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
LOCAL = "localhost"


def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_rp_id(text: str) -> bool:
    """Whether this can be an RP id: a host name in lower case."""
    return bool(_HOST.fullmatch(text)) and not is_address(text)


def rp_id_of(url: str) -> str:
    """The RP id of a platform at this URL."""
    host = urlsplit(url).hostname or ""
    return LOCAL if is_address(host) else host


def origin_of(url: str) -> str:
    """The origin of a platform at this URL as browsers write it: without the scheme's own port."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{rp_id_of(url)}{port}"


def origin_is_usable(origin: str, rp_id: str) -> bool:
    """Whether pages (or the Android app) of this origin can use the RP id's passkeys: https, or localhost."""
    if _ANDROID.fullmatch(origin):
        return True
    parts = urlsplit(origin)
    host = parts.hostname or ""
    is_local = host == LOCAL or host.endswith(f".{LOCAL}")
    return (
        origin == origin_of(origin)
        and (parts.scheme == "https" or (parts.scheme == "http" and is_local))
        and (host == rp_id or host.endswith(f".{rp_id}"))
    )
