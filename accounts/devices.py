"""What people recognise a login by: a device in words, and the network that it came from."""

import ipaddress
import re

from ua_parser import parse

from accounts.constants import DEVICE_MAX_LENGTH

# Some rules of the parser take a name from the header as it is, and names go into our mails.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _+-]{0,29}", re.ASCII)
IPV4_PREFIX = 24
IPV6_PREFIX = 48


def device_name(user_agent: str) -> str:
    """Such as "Firefox on Linux"; empty when the header says nothing that is known.

    Names that are more than a few plain words are left out: nobody puts a link into our mails that way.
    """
    parsed = parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else ""
    system = parsed.os.family if parsed.os else ""
    return " on ".join(part for part in (browser, system) if _NAME.fullmatch(part))[:DEVICE_MAX_LENGTH]


def network_of(ip: str) -> str:
    """The network around an address, wide enough that a person at home stays in it; empty for no address."""
    if not ip:
        return ""
    address = ipaddress.ip_address(ip)
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network((address, prefix), strict=False))
