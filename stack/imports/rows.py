"""Rows of a CSV file, plain or gzip, streamed together with their own bytes."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

_GZIP_MAGIC = b"\x1f\x8b"


class Row(NamedTuple):
    """`content` is the row as it stands in the file, without its line end; `read_bytes` how much of the file is read."""

    line: int
    columns: dict[str, str]
    content: bytes
    read_bytes: int


class BadFile(ValueError):
    """The file is not one that can be imported; the message says why."""


def read_rows(path: Path) -> Iterator[Row]:
    """The file's rows in their order; `read_bytes` counts what is stored, packed or not. Raises BadFile."""
    with path.open("rb") as stored:
        is_packed = stored.peek(2)[:2] == _GZIP_MAGIC
        lines = cast(IO[bytes], gzip.GzipFile(fileobj=stored) if is_packed else stored)
        try:
            yield from _rows(lines, stored)
        except (UnicodeDecodeError, csv.Error, gzip.BadGzipFile, EOFError) as error:
            raise BadFile(f"{path.name} cannot be read: {error}.") from error


def _rows(lines: IO[bytes], stored: IO[bytes]) -> Iterator[Row]:
    kept: list[bytes] = []
    reader = csv.reader(_decoded(lines, kept))
    header = next(reader, [])
    kept.clear()
    for values in reader:
        content = b"".join(kept).rstrip(b"\r\n")
        kept.clear()
        if not values:
            continue
        if len(values) != len(header):
            raise BadFile(f"Line {reader.line_num} has {len(values)} columns, the header has {len(header)}.")
        yield Row(reader.line_num, dict(zip(header, values, strict=True)), content, stored.tell())


def _decoded(lines: IO[bytes], kept: list[bytes]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line.decode("utf-8-sig" if line.startswith(b"\xef\xbb\xbf") else "utf-8")
