"""Finds which ids belong together, in the archive's rows and in orders whose rows have gone already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.erasures import Erasure, Reach
from contracts.names import Collection
from contracts.person_ids import OF_PERSONS, IdKind, PersonId, hashed, normal
from spark_jobs.archive import Snapshot, read_at
from spark_jobs.database import Document
from spark_jobs.forget_people.following import Followed, Ids, Triple, follow, ids_by_kind
from spark_jobs.frames import frame
from spark_jobs.rules.person_ids import PADS, hash_of, pads_of, said

_COLUMNS = {IdKind.ANONYMOUS: "anonymous_id", IdKind.USER: "user_id", IdKind.ORDER: "order.order_id"}


def followed(
    spark: SparkSession, database: Database[Document], snapshot: Snapshot | None, erasure: Erasure, key: bytes
) -> Followed:
    """The ids of the erasure, and those that belong to them where it reaches so far."""
    named = ids_by_kind((one["kind"], one["hash"]) for one in erasure["ids"] if one["is_named"])
    if erasure["reach"] == Reach.NAMED:
        return Followed(named, 0)
    archived = None
    if snapshot is not None:
        archived = triples_of(spark, read_at(spark, snapshot).where(F.col("merchant") == erasure["merchant"]), key)
    return follow(named, _Links(spark, database, erasure["merchant"], key, archived).carrying)


@dataclass(frozen=True, slots=True)
class _Links:
    """`archived`: distinct triples of the shop's rows, columns named like the kinds; None while the archive is empty."""

    spark: SparkSession
    database: Database[Document]
    merchant: str
    key: bytes
    archived: DataFrame | None

    def carrying(self, ids: Ids) -> Iterable[Triple]:
        found = {one for one in self._of_orders() if _carries(one, ids)}
        return found | set(self._of_archive(ids)) if self.archived is not None else found

    def _of_archive(self, ids: Ids) -> Iterator[Triple]:
        assert self.archived is not None
        for kind in OF_PERSONS:
            if ids[kind]:
                wanted = F.broadcast(frame(self.spark, [(one,) for one in sorted(ids[kind])], f"`{kind}` string"))
                rows = self.archived.join(wanted, on=str(kind), how="left_semi").select(*map(str, OF_PERSONS))
                yield from (Triple(**row) for row in rows.toArrow().to_pylist())

    def _of_orders(self) -> Iterator[Triple]:
        fields = {"order_id": 1, "events.anonymous_id": 1, "events.user_id": 1}
        for order in self.database[Collection.ORDERS].find({"merchant": self.merchant}, fields):
            order_hash = self._hash(IdKind.ORDER, order["order_id"])
            for event in order["events"]:
                anonymous = self._hash(IdKind.ANONYMOUS, event.get("anonymous_id"))
                yield Triple(anonymous, self._hash(IdKind.USER, event.get("user_id")), order_hash)

    def _hash(self, kind: IdKind, value: str | None) -> str | None:
        text = normal(value)
        return None if text is None else hashed(self.key, PersonId(kind, text))


def _carries(triple: Triple, ids: Ids) -> bool:
    return (
        triple.anonymous in ids[IdKind.ANONYMOUS]
        or triple.user in ids[IdKind.USER]
        or triple.order in ids[IdKind.ORDER]
    )


def triples_of(spark: SparkSession, rows: DataFrame, key: bytes) -> DataFrame:
    """What stands together in a shop's rows of the archive: distinct triples of hashes, columns named like the kinds."""
    ids = rows.select(*[F.col(column).alias(str(kind)) for kind, column in _COLUMNS.items()])
    keyed = ids.distinct().crossJoin(F.broadcast(frame(spark, [pads_of(key)], PADS)))
    hashes = [hash_of(said(kind, F.col(str(kind)))).alias(str(kind)) for kind in OF_PERSONS]
    return keyed.select(*hashes).distinct().localCheckpoint()
