"""Whom shops have forgotten: read from the database, and told from rows of arrivals by keyed hashes."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.chunks import chunks
from contracts.erasures import IN_FORCE, NOBODY, Forgotten, UnknownSecret, forgotten_of
from contracts.names import Collection
from contracts.settings import Settings, SettingsError
from spark_jobs.database import Document
from spark_jobs.failures import TransientError
from spark_jobs.frames import frame
from spark_jobs.rules.person_ids import PADS, hash_of, pads_of, said_ids

PLACE = ("batch", "partition", "offset")
"""What tells rows of arrivals apart."""
_CHUNK = 1_000
_FIELDS = {"merchant": 1, "key": 1, "ids.hash": 1, "messages": 1}


def read_forgotten(
    database: Database[Document], settings: Settings, merchants: Iterable[str] | None = None
) -> Forgotten:
    """Everybody whom these shops keep out, or any shop. Raises TransientError where a secret is missing: nobody comes back
    because of that.
    """
    erasures = database[Collection.ERASURES]
    shops: list[Document] = [{}]
    if merchants is not None:
        shops = [{"merchant": {"$in": some}} for some in chunks(sorted(merchants), _CHUNK)]
    return forgotten_in((one for shop in shops for one in erasures.find({**shop, **IN_FORCE}, _FIELDS)), settings)


def forgotten_in(erasures: Iterable[Mapping[str, Any]], settings: Settings) -> Forgotten:
    """Those of some documents of `erasures`. Raises TransientError."""
    found = list(erasures)
    if not found:
        return NOBODY
    try:
        return forgotten_of(found, settings.erasure_secrets_by_id())
    except (UnknownSecret, SettingsError) as error:
        raise TransientError(str(error)) from error


def secret_of(erasure: Mapping[str, Any], settings: Settings) -> bytes:
    """The secret of one erasure. Raises TransientError where it is missing."""
    try:
        return settings.erasure_secrets_by_id()[erasure["key"]]
    except (KeyError, SettingsError) as error:
        raise TransientError(f"FOOTFALL_ERASURE_SECRETS lacks secret {erasure['key']!r}: put it back.") from error


def places_of(spark: SparkSession, rows: DataFrame, forgotten: Forgotten) -> DataFrame:
    """PLACE of the rows (columns of contracts.archive) that carry an id of somebody who is forgotten, each once.

    Keys and hashes come in as tables, so that no plan shows them.
    """
    keys = [
        (merchant, number, *pads_of(key))
        for merchant, known in forgotten.hashes.items()
        for number, (key, _) in enumerate(known)
    ]
    hashes = [
        (merchant, number, hash_)
        for merchant, known in forgotten.hashes.items()
        for number, (_, found) in enumerate(known)
        for hash_ in sorted(found)
    ]
    keyed = rows.join(F.broadcast(frame(spark, keys, f"merchant string, key int, {PADS}")), on="merchant", how="inner")
    said = keyed.select(*PLACE, "merchant", "key", "inner", "outer", F.explode(said_ids()).alias("said"))
    hashed = said.withColumn("hash", hash_of(F.col("said")))
    wanted = F.broadcast(frame(spark, hashes, "merchant string, key int, hash string"))
    return hashed.join(wanted, on=["merchant", "key", "hash"], how="left_semi").select(*PLACE).distinct()


def without_forgotten(spark: SparkSession, arrivals: DataFrame, forgotten: Forgotten) -> tuple[DataFrame, int]:
    """The arrivals of a batch (kept, one a place) without those of forgotten people, and how many these are."""
    if not forgotten:
        return arrivals, 0
    places = places_of(spark, arrivals, forgotten).localCheckpoint()
    if not (count := places.count()):
        return arrivals, 0
    return arrivals.join(F.broadcast(places), on=list(PLACE), how="left_anti").select(*arrivals.columns), count
