"""From messages to rows of the archive with their outcome and event time; nothing is written but times that are decided."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.archive import COLUMNS
from contracts.erasures import NOBODY, Forgotten
from contracts.errors import ErrorCode
from contracts.names import Outcome
from spark_jobs.archive import Snapshot
from spark_jobs.assigned_times import Decide, decided_for_good, resolve
from spark_jobs.database import Document
from spark_jobs.forgotten import without_forgotten
from spark_jobs.merchants import Merchant, merchants_in, merchants_table
from spark_jobs.orders import StoredOrder, key_of, read_orders, without_room
from spark_jobs.rules.arrivals import arrivals_of
from spark_jobs.rules.person_ids import is_marker
from spark_jobs.rules.times import with_assigned

ORDER_COLUMNS = (
    "merchant", "envelope_id", "message_id", "event_time", "received_at", "event", "flags", "order", "anonymous_id",
    "user_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """`rows` of the archive, and those that orders are made of, with the orders as they are without them. `forgotten`: how
    many messages have no row, since their people are to be forgotten.
    """

    rows: DataFrame
    merchants: dict[str, Merchant]
    order_rows: list[dict[str, Any]]
    stored_orders: dict[str, StoredOrder]
    forgotten: int = 0


def keeps_nobody_out(merchants: Iterable[str]) -> Forgotten:
    return NOBODY


def judge(
    spark: SparkSession,
    database: Database[Document],
    messages: DataFrame,
    batch: int,
    topic_id: str,
    snapshot: Snapshot | None,
    decide: Decide = decided_for_good,
    kept_out: Callable[[Iterable[str]], Forgotten] = keeps_nobody_out,
) -> Judged:
    """`messages`: columns of `spark_jobs.sources.MESSAGES`. `decide` says which of the proposed times stand,
    `snapshot` which copies are in the archive, `kept_out` whom the shops have forgotten: what is theirs leaves nothing, not
    even a decided time.
    """
    merchants = merchants_in(database, messages)
    table = merchants_table(spark, merchants.values())
    read = arrivals_of(messages, table, batch, topic_id).localCheckpoint()
    arrivals, left_out = without_forgotten(spark, read.where(~is_marker()), kept_out(merchants))
    assigned = resolve(spark, database, arrivals, batch, snapshot, decide)
    timed = arrivals if assigned is None else with_assigned(arrivals, assigned)
    order_rows = order_rows_of(timed)
    stored = read_orders(database, [key_of(row) for row in order_rows])
    refused = without_room(stored, order_rows)
    rows = _with_refused(timed, messages, refused) if refused else timed
    kept = [row for row in order_rows if row["envelope_id"] not in refused]
    return Judged(rows, merchants, kept, stored, left_out)


def order_rows_of(rows: DataFrame) -> list[dict[str, Any]]:
    """The rows that orders are made of."""
    counts = F.col("order").isNotNull() & (F.col("outcome") == Outcome.ACCEPTED) & ~F.col("is_bot")
    found: list[dict[str, Any]] = rows.where(counts).select(*ORDER_COLUMNS).toArrow().to_pylist()
    return found


def _with_refused(rows: DataFrame, messages: DataFrame, refused: set[str]) -> DataFrame:
    """`rows` in which the refused envelope ids are rejected: their orders have no room for more messages."""
    is_refused = F.col("envelope_id").isin(sorted(refused))
    values = messages.select("partition", "offset", F.col("value").alias("whole"))
    joined = rows.join(values, on=["partition", "offset"], how="left")
    replaced = {
        "outcome": F.lit(str(Outcome.REJECTED)),
        "code": F.lit(str(ErrorCode.TOO_MANY_ORDER_EVENTS)),
        "field": F.lit("properties.order_id"),
        "order": F.lit(None),
        "envelope": F.col("whole"),
    }
    columns = [
        F.when(is_refused, replaced[name].cast(kind)).otherwise(F.col(name)).alias(name)
        if name in replaced
        else F.col(name)
        for name, kind in COLUMNS
    ]
    return joined.select(*columns)
