"""Which addresses a calendar may be fetched from. Pure: what a person typed, and what a name resolved to, come in.

A program that fetches what people type can be sent to its own neighbours. So: http and https on their own ports, no
name and password in it, and every address that the name resolves to lies in the public Internet.
Source: docs/sources.md#calendar-fetching
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..core.errors import RuleBroken
from ..core.text import one_line

LONGEST = 2000
PORTS = {"http": 80, "https": 443}
_SCHEMES = {"webcal": "https", "webcals": "https", "http": "http", "https": "https"}

# Not "global" to the library in every version, or global and still nobody's business: this host, shared address space
# (a provider's NAT; a cloud keeps its metadata there), protocol assignments, documentation, benchmarks, old relays and
# a cloud's own address; of IPv6 what carries an IPv4 address inside.
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
]  # fmt: skip
_CAN_BE_SAID = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Address:
    """A checked address of a calendar, in the parts that a request needs."""

    scheme: str
    host: str  # as it is resolved and sent: ASCII
    port: int
    target: str  # path and query

    @property
    def whole(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def masked(self) -> str:
        """For lists and the audit: what follows the host may be a secret."""
        return f"{self.scheme}://{self.host}/…"


def checked(text: str) -> Address:
    """The address that was typed. webcal: is https.

    Raises: RuleBroken("import.address" | "import.address_port" | "import.address_secret").
    """
    typed = one_line(text)
    try:
        parts = urlsplit(typed)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        plain = host if _is_literal(host) else host.encode("idna").decode()
    except ValueError:  # UnicodeError too: no such port, half an IPv6 address, a label of 64 characters
        raise RuleBroken("import.address") from None
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None or not plain or len(typed) > LONGEST:
        raise RuleBroken("import.address")
    if parts.username is not None or parts.password is not None:
        raise RuleBroken("import.address_secret")
    if port not in (None, PORTS[scheme]):
        raise RuleBroken("import.address_port")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = "".join(c if _CAN_BE_SAID.fullmatch(c) else "".join(f"%{b:02X}" for b in c.encode()) for c in target)
    return Address(scheme, f"[{plain}]" if ":" in plain else plain.lower(), PORTS[scheme], target)


def masked(address: str) -> str:
    """The same for an address that is kept; one that cannot be read shows nothing of itself."""
    try:
        return checked(address).masked
    except RuleBroken:
        return "…"


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address, as a resolver gives it, lies in the public Internet and carries no other one inside."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    return not any(found.version == network.version and found in network for network in _REFUSED)
