"""Arrivals: from messages of the topic to rows of the archive, one a message, in one pass."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.archive import COLUMNS, Flag
from contracts.names import Outcome
from spark_jobs.rules.bots import is_bot
from spark_jobs.rules.envelopes import envelopes_of, original_of
from spark_jobs.rules.messages import with_messages
from spark_jobs.rules.order_messages import with_orders
from spark_jobs.rules.products import milli, product_of, quantity_of
from spark_jobs.rules.times import CLOCK_TOLERANCE_MS, with_times
from spark_jobs.rules.verdicts import problem_of


def arrivals_of(messages: DataFrame, merchants: DataFrame, batch: int, topic_id: str) -> DataFrame:
    """The rows of `contracts.archive.COLUMNS`, before assigned times; nothing in a message raises.

    `messages`: columns of `spark_jobs.sources.MESSAGES`. `merchants`: one row a merchant (merchant, currency,
    page_keys_may_change_orders, retention_days); small. `outcome` is accepted or rejected: copies are not looked for.
    Keep the result (write it, persist it) before filtering it: Spark pushes a filter down by parsing everything twice.
    """
    known = _with_merchants(envelopes_of(messages, topic_id), merchants)
    read = with_orders(with_times(with_messages(known)))
    judged = _with_products(read).withColumn("problem", problem_of())
    rows = judged.withColumn("is_rejected", F.col("problem").isNotNull())
    derived = _derived(batch)
    return rows.select(*[derived.get(name, F.col(name)).cast(kind).alias(name) for name, kind in COLUMNS])


def _with_merchants(envelopes: DataFrame, merchants: DataFrame) -> DataFrame:
    settings = F.broadcast(
        merchants.select(
            "merchant",
            F.col("currency").alias("merchant_currency"),
            "page_keys_may_change_orders",
            "retention_days",
        )
    )
    return envelopes.join(settings, on="merchant", how="left")


def _with_products(rows: DataFrame) -> DataFrame:
    is_product = F.col("is_product")
    return rows.withColumns(
        {
            "product": F.when(is_product, product_of(F.col("properties"))),
            "quantity": F.when(is_product, quantity_of(F.col("properties.quantity"))),
        }
    )


def _derived(batch: int) -> dict[str, Column]:
    return {
        "batch": F.lit(batch),
        "outcome": F.when(F.col("is_rejected"), Outcome.REJECTED).otherwise(Outcome.ACCEPTED),
        "code": F.col("problem.code"),
        "field": F.col("problem.field"),
        "is_bot": is_bot(F.col("event"), F.col("library"), F.col("user_agent")),
        "flags": _flags(),
        "product": _if_used(F.col("product")),
        "quantity_milli": _if_used(milli(F.col("quantity"))),
        "order": _if_used(F.col("order")),
        "original": original_of(),
        "envelope": F.when(F.col("is_rejected"), F.coalesce("value", F.lit(b""))),
    }


def _if_used(value: Column) -> Column:
    return F.when(~F.col("is_rejected"), value)


def _flags() -> Column:
    of_times = F.array_compact(
        F.array(
            F.when(F.col("lag_ms") < -CLOCK_TOLERANCE_MS, Flag.FUTURE_TIME),
            F.when(F.col("has_bad_sent_at"), Flag.BAD_SENT_AT),
        )
    )
    return F.concat(of_times, F.coalesce(F.col("order_flags"), F.array().cast("array<string>")))
