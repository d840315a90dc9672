"""Decodes every store of a stack and says where words are: Parquet, BSON, gzip, and logs. Kafka keeps what it keeps."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import bson
import pyarrow.parquet
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from contracts.settings import Settings

_SERVERS_OWN = ("admin", "config", "local")
_SEALED = "exports"
"""Holds what was exported, and nobody reads it."""


def places_of(settings: Settings, words: Iterable[str]) -> dict[str, set[str]]:
    """Each word with the stores that hold it, in whatever form they do."""
    wanted = {word: word.encode() for word in words}
    found: dict[str, set[str]] = {word: set() for word in wanted}
    for place, content in _contents(settings):
        for word, encoded in wanted.items():
            if encoded in content:
                found[word].add(place)
    return found


def _contents(settings: Settings) -> Iterator[tuple[str, bytes]]:
    for uri in (settings.mongo_uri, settings.backup_mongo_uri):
        yield from _documents(uri)
    for path in sorted(settings.data.rglob("*")):
        if path.is_file():
            yield from _of_file(settings, path)


def _documents(uri: str) -> Iterator[tuple[str, bytes]]:
    """Bytes of BSON hold texts and binaries as they are; those that are packed within are unpacked by what reads them."""
    with MongoClient[RawBSONDocument](uri, document_class=RawBSONDocument) as client:
        for name in client.list_database_names():
            if name in _SERVERS_OWN:
                continue
            for collection in client[name].list_collection_names():
                if collection != _SEALED:
                    for document in client[name][collection].find():
                        yield f"{name}.{collection}", document.raw


def _of_file(settings: Settings, path: Path) -> Iterator[tuple[str, bytes]]:
    part = path.relative_to(settings.data).parts[0]
    if path.suffix == ".parquet":
        yield f"parquet {path.name}", _text(pyarrow.parquet.read_table(path).to_pylist())
    elif path.name.endswith(".bson.gz"):
        for document in bson.decode_all(gzip.decompress(path.read_bytes())):
            yield f"dump {path.parent.parent.name} {path.name}", _text(document)
    elif path.suffix == ".gz":
        yield f"gzip {path.name}", gzip.decompress(path.read_bytes())
    elif part not in ("mongo", "backup-mongo", "kafka"):
        # files of the engines are read through the engines
        yield f"file {path.relative_to(settings.data)}", path.read_bytes()


def _text(content: Any) -> bytes:
    """Bytes within stand in it as they are, as far as they are text."""
    return str(content).encode("utf-8", "backslashreplace")
