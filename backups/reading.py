"""Reads a generation's documents, each held against what its row says of it."""

from collections.abc import Iterator

from bson.raw_bson import RawBSONDocument

from backups.problems import DamagedBackup
from backups.source import CHUNK, raw_collection
from backups.store import Store, at
from backups.verifying import wrong_row
from contracts.backups import ROWS


def documents_of(
    store: Store, generation: int, collection: str, merchant: str | None = None
) -> Iterator[RawBSONDocument]:
    """In no order; of one merchant, or of all. Raises DamagedBackup at the first one that is not what was copied."""
    query = at(generation) | ({"merchant": merchant} if merchant is not None else {})
    rows = raw_collection(store.database, ROWS + collection)
    for row in rows.find(query, batch_size=CHUNK):
        if what := wrong_row(collection, row):
            raise DamagedBackup(f"Generation {generation}, {collection}: {what}")
        yield row["document"]
