"""The durable copy of a failed batch's range: chunks of raw messages, byte for byte, in the collection `set_aside`.

A chunk's document: `_id` (`<batch>/<number>`), batch, number, messages, first and last (places: partition and offset), sha256
(of body), body. The body is one record after another: a header, then the value's bytes.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CHUNK_BYTES = 4 * 1024 * 1024
"""A chunk is closed when it is this large: with the largest message in it, it is far below MongoDB's 16 MB."""

_HEADER = struct.Struct(">iqqi")
_NULL = -1


class DamagedCopy(ValueError):
    """A chunk's bytes are not those that were written."""


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it stood in the topic; `time_ms` is Kafka's, a null `value` stays null."""

    partition: int
    offset: int
    time_ms: int
    value: bytes | None

    @property
    def place(self) -> tuple[int, int]:
        return self.partition, self.offset


@dataclass(frozen=True, slots=True)
class Chunk:
    messages: int
    first: tuple[int, int]
    last: tuple[int, int]
    body: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def chunks_of(records: Iterable[Record], most_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """The same records in the same order make the same chunks."""
    waiting: list[Record] = []
    size = 0
    for record in records:
        waiting.append(record)
        size += _HEADER.size + len(record.value or b"")
        if size >= most_bytes:
            yield _chunk(waiting)
            waiting, size = [], 0
    if waiting:
        yield _chunk(waiting)


def _chunk(records: list[Record]) -> Chunk:
    return Chunk(len(records), records[0].place, records[-1].place, b"".join(map(packed, records)))


def packed(record: Record) -> bytes:
    """As it stands in a chunk's body."""
    size = _NULL if record.value is None else len(record.value)
    return _HEADER.pack(record.partition, record.offset, record.time_ms, size) + (record.value or b"")


def records_of(body: bytes, sha256: str) -> Iterator[Record]:
    """The records of a chunk's body; raises DamagedCopy where it is not the one that `sha256` was taken of."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise DamagedCopy(f"{len(body)} bytes of a set-aside copy do not fit their SHA-256 {sha256}.")
    place = 0
    while place < len(body):
        partition, offset, time_ms, size = _HEADER.unpack_from(body, place)
        place += _HEADER.size
        value = None if size == _NULL else body[place : place + size]
        place += max(size, 0)
        yield Record(partition, offset, time_ms, value)
