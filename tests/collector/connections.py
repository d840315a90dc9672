"""A client that says to the byte what it sends, and hears to the byte what comes back."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from tests.collector.running import RunningCollector

SECONDS = 15


class Said:
    """One answer: status, headers (names in lower case), body."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


class Client:
    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self._heard = link.makefile("rb")

    def send(self, *parts: bytes | str) -> None:
        self.link.sendall(b"".join(part.encode() if isinstance(part, str) else part for part in parts))

    def hear(self, method: str = "POST") -> Said:
        """The next answer to a request of this method."""
        response = HTTPResponse(_Read(self._heard), method=method)  # type: ignore[arg-type]
        response.begin()
        return Said(response)

    def hear_line(self) -> bytes:
        return self._heard.readline()

    def close(self) -> None:
        self._heard.close()
        self.link.close()

    def is_ended(self) -> bool:
        """Whether nothing more comes; waits for it."""
        return self._heard.read(1) == b""


class _Read:
    """What HTTPResponse reads from; it does not close it behind one answer."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def makefile(self, _: str) -> "_Read":
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None: ...


@contextmanager
def connected(collector: RunningCollector) -> Iterator[Client]:
    address = urlsplit(collector.url)
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as link:
        client = Client(link)
        yield client
        client.close()
