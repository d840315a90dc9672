"""Hosts and ports that the settings name inside of addresses, and free ports for a stack beside others."""

import socket
from random import SystemRandom
from urllib.parse import urlsplit

_OF_PROGRAMS = range(12_000, 32_000)
"""Linux gives clients 32768 to 60999 (ip_local_port_range)."""
_CHANCE = SystemRandom()


def port_of_url(url: str) -> int:
    """The port of an http address, said or not."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def port_of_bootstrap(bootstrap: str) -> int:
    """The port of the first broker of `host:port,host:port`."""
    return int(bootstrap.split(",")[0].rsplit(":", 1)[1])


def port_of_mongo(uri: str) -> int:
    """The port of the first host of a MongoDB URI."""
    hosts = urlsplit(uri).netloc.rsplit("@", 1)[-1]
    _, separator, port = hosts.split(",")[0].rpartition(":")
    return int(port) if separator else 27017


def is_free(port: int) -> bool:
    """Whether nobody listens on the port of 127.0.0.1; a closed connection of before does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int, in_a_row: int = 1) -> list[int]:
    """`count` ports that are free now, each the first of `in_a_row` free ones; no two alike.

    They lie below those that the system gives to clients: no connection that somebody opens before the program starts has one.
    """
    taken: set[int] = set()
    while len(taken) < count * in_a_row:
        first = _CHANCE.choice(_OF_PROGRAMS)
        row = range(first, first + in_a_row)
        if not taken & set(row) and all(is_free(port) for port in row):
            taken |= set(row)
    return sorted(taken)[::in_a_row]
