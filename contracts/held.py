"""What documents hold of forgotten people, collection by collection; the same in the database, its backups and its dumps.

Collections that are not named here hold no ids of people. Arithmetic alone.
"""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from contracts.erasures import FORGOTTEN_VALUE, Forgotten
from contracts.names import Collection
from contracts.person_ids import (
    IdKind,
    PersonId,
    given_ids,
    ids_in_text,
    ids_of_bytes,
    message_of_envelope,
)
from contracts.set_aside import Record, packed, records_of

Document = dict[str, Any]
_OF_EVENTS = ((IdKind.ANONYMOUS, "anonymous_id"), (IdKind.USER, "user_id"))


def ids_of_failure(document: Mapping[str, Any]) -> set[PersonId]:
    """A document of `failed_events`: its arrival, and the copies that were sent of it."""
    found = ids_of_bytes(bytes(document.get("original") or b""))
    if (message := message_of_envelope(bytes(document.get("envelope") or b""))) is not None:
        found |= ids_of_bytes(message[1])
    for attempt in document.get("attempts", ()):
        if isinstance(attempt.get("message"), str):
            found |= ids_in_text(attempt["message"])
    return found


def is_of_forgotten(value: bytes | None, forgotten: Forgotten) -> bool:
    """Whether a message of the events topic is a forgotten person's. Bytes that are no envelope are nobody's."""
    if not forgotten or value is None or (found := message_of_envelope(value)) is None:
        return False
    merchant, message = found
    return merchant in forgotten.hashes and forgotten.has(merchant, ids_of_bytes(message))


def blanked(record: Record, forgotten: Forgotten) -> Record:
    """The record; of a forgotten person its place alone."""
    if not is_of_forgotten(record.value, forgotten):
        return record
    return Record(record.partition, record.offset, record.time_ms, FORGOTTEN_VALUE)


def _without_order(document: Document, forgotten: Forgotten) -> Document | None:
    """The order goes whole where its own id is one of theirs, else its events that are. Where it counts then is for a job to say."""
    merchant, events = document["merchant"], document["events"]
    if forgotten.has(merchant, given_ids([(IdKind.ORDER, document.get("order_id"))])):
        return None
    left = [event for event in events if not forgotten.has(merchant, _ids_of_event(event))]
    if len(left) == len(events):
        return document
    return {**document, "events": left} if left else None


def _ids_of_event(event: Mapping[str, Any]) -> set[PersonId]:
    return given_ids([(kind, event.get(name)) for kind, name in _OF_EVENTS])


def _without_failure(document: Document, forgotten: Forgotten) -> Document | None:
    merchant = document.get("merchant") or ""
    is_gone = merchant in forgotten.hashes and forgotten.has(merchant, ids_of_failure(document))
    return None if is_gone else document


def _without_time(document: Document, forgotten: Forgotten) -> Document | None:
    """Of a message whose own id is known."""
    ids = given_ids([(IdKind.MESSAGE, document["message_id"])])
    return None if forgotten.has(document["merchant"], ids) else document


def _without_records(document: Document, forgotten: Forgotten) -> Document:
    """A chunk of a copy that was set aside. Raises DamagedCopy."""
    records = list(records_of(bytes(document["body"]), document["sha256"]))
    kept = [blanked(record, forgotten) for record in records]
    if kept == records:
        return document
    body = b"".join(map(packed, kept))
    return {**document, "body": body, "sha256": sha256(body).hexdigest()}


_WITHOUT: Final[Mapping[str, Callable[[Document, Forgotten], Document | None]]] = {
    Collection.ORDERS: _without_order,
    Collection.FAILED_EVENTS: _without_failure,
    Collection.ASSIGNED_TIMES: _without_time,
    Collection.SET_ASIDE: _without_records,
}
HOLDING: Final = tuple(_WITHOUT)
"""Collections whose documents may hold ids of people."""


def without(collection: str, document: Document, forgotten: Forgotten) -> Document | None:
    """What is left of a document: the same one where it holds nobody who is forgotten, None where nothing is left."""
    return _WITHOUT[collection](document, forgotten) if collection in _WITHOUT else document


def changed(
    collection: str, documents: Iterator[Document], forgotten: Forgotten
) -> Iterator[tuple[Document, Document | None]]:
    """Of the documents those that hold somebody, each with what is left of it."""
    for document in documents:
        left = without(collection, document, forgotten)
        if left is not document:
            yield document, left
