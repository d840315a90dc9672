"""Everything that is held about a person, as one JSON document in sealed pieces; written before anything of it goes."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.erasures import EXPORT_KEPT, Erasure, Forgotten
from contracts.held import is_of_forgotten
from contracts.names import Collection
from contracts.set_aside import records_of
from sealing import seal
from spark_jobs.archive import read_at
from spark_jobs.database import Document
from spark_jobs.forget_people.archived import Rows
from spark_jobs.forget_people.documents import held
from spark_jobs.forgotten import PLACE

PIECE_CHARACTERS = 1_000_000
Entries = Iterator[Any]


def export(
    spark: SparkSession,
    database: Database[Document],
    erasure: Erasure,
    rows: Rows | None,
    forgotten: Forgotten,
    secret: bytes,
    now: datetime,
) -> int:
    """Answers the number of pieces. Written again it replaces what an earlier attempt wrote."""
    exports, id_ = database[Collection.EXPORTS], erasure["_id"]
    parts = {
        "messages": _messages(spark, rows),
        "orders": (_plain(_theirs(order, left)) for order, left in held(database, Collection.ORDERS, forgotten)),
        "errors": (_plain(one) for one, _ in held(database, Collection.FAILED_EVENTS, forgotten)),
        "set_aside": _set_aside(database, forgotten),
    }
    count = 0
    for count, piece in enumerate(_pieces(_document(erasure, parts, now)), 1):
        sealed = seal(piece.encode("utf-8", "backslashreplace"), secret, f"export/{id_}/{count - 1}")
        document = {"_id": f"{id_}/{count - 1}", "erasure": id_, "number": count - 1, "sealed": sealed}
        kept = {"expires_at": now + EXPORT_KEPT}
        exports.replace_one({"_id": document["_id"]}, document | kept, upsert=True)
    exports.delete_many({"erasure": id_, "number": {"$gte": count}})
    return count


def _messages(spark: SparkSession, rows: Rows | None) -> Entries:
    """Rows of the archive; the client's own bytes as text."""
    if rows is None:
        return
    whole = read_at(spark, rows.snapshot).join(rows.gone.select(*PLACE), on=list(PLACE), how="left_semi")
    for row in whole.toLocalIterator():
        yield _plain(row.asDict(recursive=True))


def _theirs(order: Document, left: Document | None) -> Document:
    """The order as far as it goes: the events of others in it, which stay, are not in it."""
    if left is None:
        return order
    return {**order, "events": [event for event in order["events"] if event not in left["events"]]}


def _set_aside(database: Database[Document], forgotten: Forgotten) -> Entries:
    for chunk, _ in held(database, Collection.SET_ASIDE, forgotten):
        for record in records_of(bytes(chunk["body"]), chunk["sha256"]):
            if is_of_forgotten(record.value, forgotten):
                yield {"partition": record.partition, "offset": record.offset, "message": _plain(record.value)}


def _document(erasure: Erasure, parts: Mapping[str, Entries], now: datetime) -> Iterator[str]:
    """JSON text, one entry after another: a person may have more than fits into memory."""
    yield f'{{"erasure":{json.dumps(erasure["_id"])},"merchant":{json.dumps(erasure["merchant"])}'
    yield f',"exported_at":{json.dumps(_plain(now))}'
    for name, entries in parts.items():
        yield f",{json.dumps(name)}:["
        for number, entry in enumerate(entries):
            yield f"{',' if number else ''}{json.dumps(entry, ensure_ascii=False)}"
        yield "]"
    yield "}"


def _pieces(texts: Iterator[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE_CHARACTERS:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)


def _plain(value: Any) -> Any:
    """As JSON can say it: times as ISO 8601, bytes as text, or as base64 where they are none."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value))
    return value.isoformat() if isinstance(value, date) else value


def _text(content: bytes) -> Any:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
