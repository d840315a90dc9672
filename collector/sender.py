"""Who sent a request, as far as it may be kept: a shortened address and the browser's own words."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

USER_AGENT_CHARACTERS = 512
ADDRESS_CHARACTERS = 64


class Addresses(NamedTuple):
    """`kept` is the sender's address cut to /24 or /48; None where it cannot be read.

    `limited` is whose requests are counted: the sender's whole address, for as long as it is in memory, or of IPv6 its /64.
    None where it is not of the open internet: a proxy or a server of our own stands for many.
    """

    kept: str | None
    limited: str | None


def kept_user_agent(header: str | None) -> str | None:
    if not header:
        return None
    kept = header[:USER_AGENT_CHARACTERS]
    return kept if kept.isascii() else kept.encode(errors="replace").decode()


def addresses(client: str, forwarded_for: str | None) -> Addresses:
    """`client` is the connection's address. X-Forwarded-For is believed only from a proxy on this machine, and of it only what
    that proxy added: the last address.
    """
    if forwarded_for and _is_loopback(client):
        # what is longer is no address, and is not to be remembered
        return _of_address(forwarded_for.rpartition(",")[2].strip()[:ADDRESS_CHARACTERS])
    return _of_address(client)


@lru_cache(maxsize=4_096)
def _of_address(address: str) -> Addresses:
    parsed = _parsed(address)
    if parsed is None:
        return Addresses(None, None)
    is_short = parsed.version == 4
    kept = str(ip_network(f"{parsed}/{24 if is_short else 48}", strict=False).network_address)
    if not parsed.is_global:
        return Addresses(kept, None)
    return Addresses(kept, str(parsed) if is_short else str(ip_network(f"{parsed}/64", strict=False)))


@lru_cache(maxsize=4_096)
def _is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
