"""A request's body: read and unpacked within bounds."""

import zlib
from dataclasses import dataclass
from typing import Protocol

from collector.answers import Refused, unavailable

BODY_BYTES = 500 * 1024
WAITING_BYTES = 64 * 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31


class BodyTooLarge(Exception):
    """The body is over the limit; `head` is as much of it as was read."""

    def __init__(self, head: bytes) -> None:
        super().__init__(len(head))
        self.head = head


class NotGzip(Exception):
    """The body starts like gzip and is not."""


class Holding(Protocol):
    """Whose body is in memory, or will be: `held` bytes of it."""

    held: int


@dataclass(slots=True)
class Waiting:
    """Bytes of bodies that wait for their acknowledgement: what bounds this process's memory."""

    held_bytes: int = 0

    def hold(self, holding: Holding, count: int) -> None:
        """Raises Refused (503) when the bound is reached."""
        if self.held_bytes + count > WAITING_BYTES:
            raise Refused(unavailable("The collector holds as many messages as it can."))
        self.held_bytes += count
        holding.held += count

    def release(self, holding: Holding) -> None:
        self.held_bytes -= holding.held
        holding.held = 0


def size_to_hold(declared_length: str | None) -> int:
    """Bytes to set aside for a body before it is read; the most there can be where its length is not known."""
    if declared_length is not None and declared_length.isdigit():
        return min(int(declared_length), BODY_BYTES)
    return BODY_BYTES


def unpacked(body: bytes) -> bytes:
    """The body itself, or what its gzip holds, whatever its headers say.

    Raises BodyTooLarge when it grows over the limit, NotGzip when it is broken or cut off.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    gzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = gzip.decompress(body, BODY_BYTES + 1)
    except zlib.error as error:
        raise NotGzip from error
    if len(plain) > BODY_BYTES:
        raise BodyTooLarge(plain)
    if not gzip.eof or gzip.unused_data:
        raise NotGzip
    return plain
