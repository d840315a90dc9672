"""Where a webhook may lead: the form of its address, and which addresses of the network are public."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_CHARACTERS = 1_000
_HTTPS = 443
_FIRST_FREE_PORT = 1_024
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        # this network, shared by carriers, protocols, relays, tests; of IPv6 everything but 2000::/3, and tunnels in it
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        ),
    )
)
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")


class BadWebhook(ValueError):
    """There can be no such webhook; the message says why, for the person who asked."""


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is ASCII, as it stands in the certificate; `path` holds the query too."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTPS else f"{host}:{self.port}"


def read_address(text: str) -> Target:
    """Raises BadWebhook. Nothing is looked up: what the name leads to is checked at every post."""
    if len(text) > MOST_CHARACTERS:
        raise BadWebhook(f"An address has {MOST_CHARACTERS:,} characters at most.")
    if not text.isascii() or not text.isprintable() or set(text) & set(' "<>\\^`{|}'):
        raise BadWebhook("Write the address with plain characters only; escape others as %C3%A4.")
    try:
        parts = urlsplit(text)
        port = parts.port or _HTTPS
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise BadWebhook("This is no address: write it as https://shop.example/footfall.") from None
    if parts.scheme != "https" or not host or parts.netloc.endswith(":"):
        raise BadWebhook("The address has to begin with https:// and a host name.")
    if "@" in parts.netloc or "#" in text:
        raise BadWebhook("The address may hold no user, password or fragment.")
    if port != _HTTPS and port < _FIRST_FREE_PORT:
        raise BadWebhook("Use port 443, or one from 1024 on.")
    if any(len(label) > 63 or not label for label in host.split(".")) or len(host) > 253 or "%" in host:
        raise BadWebhook("This host name cannot exist.")
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_public(text: str) -> bool:
    """Whether the whole internet reaches the address, itself and any IPv4 address that it carries."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return _is_public(address.ipv4_mapped)
    return _is_public(address)


def _is_public(address: _Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _NEVER if network.version == address.version)


def is_literal(host: str) -> bool:
    """Whether the host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
