"""A generation as files in the layout of `mongodump --gzip`, so that `mongorestore --gzip` reads it.

`<dump>/<database>/<collection>.bson.gz` holds BSON documents one after another, `<collection>.metadata.json.gz` options and
indexes as canonical extended JSON. A dump is written under another name and gets its own when it is whole.
"""

import gzip
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote

import bson
from bson.raw_bson import RawBSONDocument

from backups.keeping import kept
from backups.manifests import manifest_sum
from backups.problems import BusyBackup, DamagedBackup
from backups.reading import documents_of
from backups.source import RAW
from backups.store import Store
from backups.sums import Sum, content_hash, sum_of
from contracts.backups import Generation
from contracts.erasures import Forgotten
from contracts.held import HOLDING, without

EVERY = timedelta(days=7)
_NAME = "%Y-%m-%dT%H%M%SZ"
_DUMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-g\d+")
_LEVEL = 4
_PART, _ANEW = ".part", ".anew"
_PLAIN: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)
_NOT_ESCAPED = "$&+=@"
"""In a file's name, as `mongodump` has it."""


def dumps_in(folder: Path) -> dict[Path, datetime]:
    """Whole dumps with the time of their generation."""
    found = {}
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_dir() and _DUMP.fullmatch(path.name):
            found[path] = datetime.strptime(path.name.partition("-g")[0], _NAME).replace(tzinfo=UTC)
    return found


def is_due(folder: Path, now: datetime) -> bool:
    """Whether the newest dump is a week old, within an hour."""
    return all(now - taken >= EVERY - timedelta(hours=1) for taken in dumps_in(folder).values())


def write_dump(store: Store, generation: Generation, folder: Path, database: str) -> Path:
    """The folder of the dump, read back. Raises DamagedBackup, and then leaves nothing."""
    target = folder / f"{generation['taken_at']:{_NAME}}-g{generation['_id']}"
    part = target.with_name(target.name + _PART)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"*{_PART}"):
        shutil.rmtree(old)
    part.mkdir(mode=0o700)
    (part / database).mkdir()
    try:
        for name, manifest in store.manifests(generation["_id"]).items():
            _write_collection(store, generation["_id"], name, manifest, part / database)
    except BaseException:
        shutil.rmtree(part)
        raise
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    _sync_folder(folder)
    return target


def rotate_dumps(folder: Path) -> list[Path]:
    """Removes the dumps that are no longer kept, and answers them."""
    found = dict(enumerate(dumps_in(folder).items()))
    keep = kept({number: taken for number, (_, taken) in found.items()})
    gone = [path for number, (path, _) in found.items() if number not in keep]
    for path in gone:
        shutil.rmtree(path)
    return gone


def _write_collection(store: Store, generation: int, name: str, manifest: dict[str, Any], folder: Path) -> None:
    wanted = manifest_sum(manifest)
    stem = quote(name, safe=_NOT_ESCAPED)
    with _gzipped(folder / f"{stem}.metadata.json.gz") as file:
        file.write(_metadata(name, manifest).encode())
    path = folder / f"{stem}.bson.gz"
    with _gzipped(path) as file:
        for document in documents_of(store, generation, name):
            file.write(document.raw)
    if _read_back(path) != wanted:
        raise DamagedBackup(f"Generation {generation}, {name}: the dump does not hold what its manifest says.")


def _metadata(name: str, manifest: dict[str, Any]) -> str:
    options, indexes = json.loads(manifest["options"]), json.loads(manifest["indexes"])
    said = {"options": options, "indexes": indexes, "uuid": bytes(manifest["uuid"]).hex()}
    return json.dumps(said | {"collectionName": name, "type": "collection"})


def _read_back(path: Path) -> Sum:
    with gzip.open(path) as file:
        return sum((_sum(document) for document in bson.decode_file_iter(cast("IO[bytes]", file), RAW)), Sum())


def _sum(document: RawBSONDocument) -> Sum:
    return sum_of(content_hash(document), len(document.raw))


@contextmanager
def _gzipped(path: Path) -> Iterator[IO[bytes]]:
    """On disk when it is left."""
    with path.open("wb") as plain:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=plain, mtime=0) as file:
            yield file  # type: ignore[misc]
        plain.flush()
        os.fsync(plain.fileno())


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def forget_in_dumps(folder: Path, forgotten: Forgotten) -> int:
    """Writes the files of whole dumps that hold a forgotten person anew, without them; answers how many documents changed.

    Raises BusyBackup while a dump is being written: it may hold what was there before.
    """
    if any(folder.glob(f"*{_PART}")):
        raise BusyBackup(f"A dump is being written into {folder}, or was cut off; the next night clears that away.")
    count = 0
    for dump in sorted(dumps_in(folder)):
        for name in HOLDING:
            for path in dump.glob(f"*/{name}.bson.gz"):
                count += _forget_in_file(path, str(name), forgotten)
    return count


def _forget_in_file(path: Path, collection: str, forgotten: Forgotten) -> int:
    """A file that holds nobody is only read."""
    count = sum(document is not left for document, left in _left_of(path, collection, forgotten))
    if count:
        part = path.with_name(path.name + _ANEW)
        with _gzipped(part) as file:
            for document, left in _left_of(path, collection, forgotten):
                if left is not None:
                    file.write(document.raw if left is document else left.raw)
        part.rename(path)
        _sync_folder(path.parent)
    return count


def _left_of(
    path: Path, collection: str, forgotten: Forgotten
) -> Iterator[tuple[RawBSONDocument, RawBSONDocument | None]]:
    """Each document with what is left of it: itself, another one, or None."""
    with gzip.open(path) as file:
        for document in bson.decode_file_iter(cast("IO[bytes]", file), RAW):
            plain = bson.decode(document.raw, _PLAIN)
            left = without(collection, plain, forgotten)
            yield document, document if left is plain else None if left is None else RawBSONDocument(bson.encode(left))
