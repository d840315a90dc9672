"""Which pages may send: those on hosts that the shop has listed, where it has.

Scripts of a page cannot change what a browser says about where the page is. Programs can say anything, and nothing: a
request without Origin and Referer is no page's, and is not refused here.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from collector.answers import Refusal, Refused, error
from contracts.keys import KeyKind, WriteKey

_FOREIGN = "The page is on a host that the shop has not listed."


def page_host(origin: str | None, referer: str | None) -> str | None:
    """The host of the page; "" where it has none or it cannot be read, None where no page sent this."""
    address = origin or referer
    if not address:
        return None
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_listed(host: str, hosts: Sequence[str]) -> bool:
    """A listed host stands for those below it, too."""
    return any(host == listed or host.endswith(f".{listed}") for listed in hosts)


class PageHosts:
    def __init__(self, hosts_of: Callable[[str], Sequence[str] | None]) -> None:
        self._hosts_of = hosts_of

    def check(self, key: WriteKey, headers: Any) -> None:
        """Raises Refused (403) where a page key is used on a host that its shop has not listed."""
        hosts = self._hosts_of(key.merchant) if key.kind is KeyKind.PAGE else None
        if hosts is None:
            return
        host = page_host(headers.get("origin"), headers.get("referer"))
        if host is not None and not is_listed(host, hosts):
            raise Refused(error(403, Refusal.FOREIGN_HOST, "origin", _FOREIGN))
