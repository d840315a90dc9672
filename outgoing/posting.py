"""One post: the name is resolved once, every address it has is checked, and the connection is made to a checked one.

So a name that leads elsewhere a moment later leads nowhere here. No redirect is followed: of the answer only the status
is read, of a line that has a length. The time is for all of it, so that a slow answer holds nothing up.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from contracts.webhooks import signature_header
from outgoing.addresses import Target, is_public

_MOST_LINE_BYTES = 8 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
# the same words for a name that is not found: which names exist in our own network is nobody's business
_NOWHERE = "The host name leads to no public address, or to others beside it."
# names that nobody answers wait here, and hold up nothing else
_RESOLVERS = ThreadPoolExecutor(8, thread_name_prefix="webhook-names")


_AGENT = "Footfall-Webhooks/1"


class NotPosted(Exception):
    """There was no answer; the message says why, in words for the delivery log."""


def signed_headers(kind: str, delivery: str, body: bytes, at: datetime, secrets: Sequence[str]) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "Footfall-Event": kind,
        "Footfall-Delivery": delivery,
        "Footfall-Signature": signature_header(body, at, secrets),
    }


def why_failed(status: int) -> str:
    """Empty where the answer says that it was taken."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The answer was {status}: redirects are not followed."
    return f"The answer was {status}."


@dataclass(frozen=True, slots=True)
class Poster:
    """`tls` verifies names; `may_be_private` is for tests, and for the address that an operator named."""

    tls: ssl.SSLContext
    seconds: float
    may_be_private: bool = False

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer. Raises NotPosted."""
        try:
            async with asyncio.timeout(self.seconds):
                addresses = await _resolved(target)
                if not self.may_be_private and not all(map(is_public, addresses)):
                    raise NotPosted(_NOWHERE)
                return await self._ask(addresses, target, _request(target, headers, body))
        except TimeoutError:
            raise NotPosted(f"No answer within {self.seconds:g} seconds.") from None
        except ssl.SSLError as error:
            raise NotPosted(_tls_words(error)) from None
        except OSError as error:
            raise NotPosted(f"No connection: {error.strerror or type(error).__name__}.") from None

    async def _ask(self, addresses: list[str], target: Target, request: bytes) -> int:
        reader, writer = await self._connect(addresses, target)
        try:
            writer.write(request)
            return await _status(reader)
        finally:
            writer.transport.abort()

    async def _connect(self, addresses: list[str], target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the first that takes it. The certificate has to be that of the name, whatever the address."""
        for address in addresses[:-1]:
            with suppress(OSError):
                return await self._open(address, target)
        return await self._open(addresses[-1], target)

    async def _open(self, address: str, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            address, target.port, ssl=self.tls, server_hostname=target.host, limit=_MOST_LINE_BYTES
        )


async def _resolved(target: Target) -> list[str]:
    """Every address of the name, IPv4 first."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(_RESOLVERS, _look_up, target.host, target.port)
    except (OSError, UnicodeError):
        raise NotPosted(_NOWHERE) from None
    return sorted({str(address[0]) for *_, address in found}, key=lambda text: (":" in text, text))


def _look_up(host: str, port: int) -> list[tuple[object, object, object, str, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    own = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (own | dict(headers)).items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


async def _status(reader: asyncio.StreamReader) -> int:
    """Of the final answer; those that announce one (1xx) are passed over."""
    try:
        while found := _STATUS.match(await reader.readuntil(b"\n")):
            if not found[1].startswith(b"1"):
                return int(found[1])
            while (await reader.readuntil(b"\n")).strip():
                pass
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    raise NotPosted("The answer was no HTTP.")


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate is not valid for this name: {error.verify_message}"
    return "TLS failed: the two sides did not agree."
