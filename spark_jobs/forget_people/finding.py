"""Finds which ids belong together, in the archive's rows and in orders whose rows have gone already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.erasures import MOST_IDS, Erasure, Reach
from contracts.names import Collection
from contracts.person_ids import OF_PERSONS, IdKind, PersonId, hashed, normal
from spark_jobs.archive import Snapshot, read_at
from spark_jobs.database import Document
from spark_jobs.forget_people.following import Followed, Ids, follow, ids_by_kind
from spark_jobs.frames import frame
from spark_jobs.rules.person_ids import PADS, hash_of, pads_of, said

_COLUMNS = {IdKind.ANONYMOUS: "anonymous_id", IdKind.USER: "user_id", IdKind.ORDER: "order.order_id"}
Triple = Mapping[IdKind, str | None]
"""Hashes of ids that stand together in one message; None where it has none."""


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
    return follow(named, Linked(spark, database, erasure["merchant"], key, archived))


@dataclass(frozen=True, slots=True)
class Linked:
    """`archived`: distinct triples of the shop's rows, columns named like the kinds; None while the archive is empty."""

    spark: SparkSession
    database: Database[Document]
    merchant: str
    key: bytes
    archived: DataFrame | None

    def to(self, kind: IdKind, ids: Ids) -> frozenset[str]:
        of_orders = (one[kind] for one in self._of_orders() if _carries(one, ids))
        return _some(chain(of_orders, self._of_archive(kind, ids)))

    def used_by_others(self, browsers: frozenset[str], users: frozenset[str]) -> frozenset[str]:
        of_browsers = {IdKind.ANONYMOUS: browsers}
        strangers = (one for one in self._of_orders() if _carries(one, of_browsers) and one[IdKind.USER] not in users)
        found = {one[IdKind.ANONYMOUS] for one in strangers if one[IdKind.USER] is not None}
        if self.archived is not None:
            has_stranger = F.col(str(IdKind.USER)).isNotNull()
            rows = self._carrying(IdKind.ANONYMOUS, browsers).where(has_stranger)
            rows = rows.join(self._hashes(IdKind.USER, users), on=str(IdKind.USER), how="left_anti")
            found.update(_distinct(rows, IdKind.ANONYMOUS))
        return frozenset(one for one in found if one is not None)

    def _of_archive(self, kind: IdKind, ids: Ids) -> Iterator[str]:
        for known, hashes in ids.items():
            if hashes and self.archived is not None:
                yield from _distinct(self._carrying(known, hashes), kind)

    def _carrying(self, kind: IdKind, hashes: frozenset[str]) -> DataFrame:
        assert self.archived is not None
        return self.archived.join(self._hashes(kind, hashes), on=str(kind), how="left_semi")

    def _hashes(self, kind: IdKind, hashes: frozenset[str]) -> DataFrame:
        return F.broadcast(frame(self.spark, [(one,) for one in sorted(hashes)], f"`{kind}` string"))

    def _of_orders(self) -> Iterator[Triple]:
        fields = {"order_id": 1, "events.anonymous_id": 1, "events.user_id": 1}
        for order in self.database[Collection.ORDERS].find({"merchant": self.merchant}, fields):
            order_hash = self._hash(IdKind.ORDER, order["order_id"])
            for event in order["events"]:
                yield {
                    IdKind.ANONYMOUS: self._hash(IdKind.ANONYMOUS, event.get("anonymous_id")),
                    IdKind.USER: self._hash(IdKind.USER, event.get("user_id")),
                    IdKind.ORDER: order_hash,
                }

    def _hash(self, kind: IdKind, value: str | None) -> str | None:
        text = normal(value)
        return None if text is None else hashed(self.key, PersonId(kind, text))


def _carries(triple: Triple, ids: Ids) -> bool:
    return any(triple.get(kind) in hashes for kind, hashes in ids.items())


def _some(hashes: Iterable[str | None]) -> frozenset[str]:
    """Of more than MOST_IDS one more, and no other."""
    found: set[str] = set()
    for one in hashes:
        if one is not None:
            found.add(one)
        if len(found) > MOST_IDS:
            break
    return frozenset(found)


def _distinct(rows: DataFrame, kind: IdKind) -> list[str]:
    """Of more than MOST_IDS one more, and no other."""
    name = str(kind)
    found = rows.where(F.col(name).isNotNull()).select(name).distinct().limit(MOST_IDS + 1)
    return [row[name] for row in found.toArrow().to_pylist()]


def triples_of(spark: SparkSession, rows: DataFrame, key: bytes) -> DataFrame:
    """What stands together in a shop's rows of the archive: distinct triples of hashes, columns named like the kinds."""
    ids = rows.select(*[F.col(column).alias(str(kind)) for kind, column in _COLUMNS.items()])
    keyed = ids.distinct().crossJoin(F.broadcast(frame(spark, [pads_of(key)], PADS)))
    hashes = [hash_of(said(kind, F.col(str(kind)))).alias(str(kind)) for kind in OF_PERSONS]
    return keyed.select(*hashes).distinct().localCheckpoint()
