"""Who sent a request, as far as it may be kept: a shortened address and the browser's own words."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

USER_AGENT_CHARACTERS = 512


def kept_user_agent(header: str | None) -> str | None:
    if not header:
        return None
    return header[:USER_AGENT_CHARACTERS].encode(errors="replace").decode()


def kept_address(client: str, forwarded_for: str | None) -> str | None:
    """The sender's address cut to /24 or /48; None where it cannot be read.

    `client` is the connection's `address:port`. X-Forwarded-For is believed only from a proxy on this machine, and of
    it only what that proxy added: the last address.
    """
    return _cut(_address(client, forwarded_for))


def limited_address(client: str, forwarded_for: str | None) -> str | None:
    """Whose requests are counted: the sender's whole address, for as long as it is in memory, or of IPv6 its /64.

    None where it is not of the open internet: a proxy or a server of our own stands for many.
    """
    return _global(_address(client, forwarded_for))


def _address(client: str, forwarded_for: str | None) -> str:
    address = client.rpartition(":")[0].strip("[]")
    if forwarded_for and _is_loopback(address):
        return forwarded_for.rpartition(",")[2].strip()
    return address


@lru_cache(maxsize=4_096)
def _global(address: str) -> str | None:
    parsed = _parsed(address)
    if parsed is None or not parsed.is_global:
        return None
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{parsed}/64", strict=False))


@lru_cache(maxsize=4_096)
def _is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


@lru_cache(maxsize=4_096)
def _cut(address: str) -> str | None:
    parsed = _parsed(address)
    if parsed is None:
        return None
    prefix_bits = 24 if parsed.version == 4 else 48
    return str(ip_network(f"{parsed}/{prefix_bits}", strict=False).network_address)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
