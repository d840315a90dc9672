"""Outcome of every archived arrival of some scopes: rejected, duplicate, bot, accepted, tested in this order.

Rows with one envelope id are one arrival. Two arrivals with the same message id and client time are copies; the one
received first counts. Copies share their hour by construction, so a scope's rows are enough to tell.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from contracts.names import Outcome


def with_outcomes(rows: DataFrame) -> DataFrame:
    """`rows` of the archive with their `edition` and `scope`, one an arrival; `outcome` is now one of the four, and `is_id_reused` is new.

    Only rows that share a hash with another one are sorted; the rest pass straight through.
    """
    hashed = rows.withColumn("id_hash", _id_hash())
    suspects = hashed.groupBy("id_hash").count().where(F.col("count") > 1).select("id_hash")
    alone = hashed.join(F.broadcast(suspects), on="id_hash", how="left_anti")
    together = hashed.join(F.broadcast(suspects), on="id_hash", how="left_semi")
    unmarked = alone.withColumn("is_copy", F.lit(False)).withColumn("is_id_reused", F.lit(False))
    judged = unmarked.unionByName(_marked(_one_an_arrival(together)))
    return judged.withColumn("outcome", _outcome()).drop("id_hash", "is_copy")


def _is_rejected() -> Column:
    return F.col("outcome") == Outcome.REJECTED


def _id_hash() -> Column:
    """The same for two rows of one arrival, for two copies, and for two events with one message id."""
    return F.xxhash64("edition", F.coalesce("message_id", "envelope_id"))


def _one_an_arrival(rows: DataFrame) -> DataFrame:
    as_written = Window.partitionBy("edition", "envelope_id").orderBy("batch", "partition", "offset")
    return rows.withColumn("place", F.row_number().over(as_written)).where(F.col("place") == 1).drop("place")


def _marked(rows: DataFrame) -> DataFrame:
    """Adds `is_copy`, and `is_id_reused` for an event whose id another event of its scope had before."""
    copies = Window.partitionBy("edition", "message_id", "client_time", _is_rejected())
    is_copy = ~_is_rejected() & (F.row_number().over(copies.orderBy("received_at", "envelope_id")) > 1)
    marked = rows.withColumn("is_copy", is_copy)
    events = Window.partitionBy("edition", "scope", "message_id", _is_rejected() | F.col("is_copy"))
    is_later = F.row_number().over(events.orderBy("event_time", "received_at", "envelope_id")) > 1
    return marked.withColumn("is_id_reused", ~_is_rejected() & ~F.col("is_copy") & is_later)


def _outcome() -> Column:
    return (
        F.when(_is_rejected(), Outcome.REJECTED)
        .when(F.col("is_copy"), Outcome.DUPLICATE)
        .when(F.col("is_bot"), Outcome.BOT)
        .otherwise(Outcome.ACCEPTED)
    )
