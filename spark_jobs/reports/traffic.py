"""Visitors by hour: distinct browsers, exact, and a sketch beside them that unites ranges."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.events import MessageType
from contracts.names import Outcome

SKETCH_LG_K = 12
VISITOR_TYPES = (MessageType.PAGE, MessageType.SCREEN, MessageType.TRACK)


def visitors_by_scope(rows: DataFrame) -> DataFrame:
    """(edition, scope, visitors, sketch) from scope rows; the sketch is Apache DataSketches HLL, lgK 12."""
    makes_visitor = F.col("type").isin(*VISITOR_TYPES) & F.col("anonymous_id").isNotNull()
    visitors = (
        rows.where((F.col("outcome") == Outcome.ACCEPTED) & makes_visitor)
        .select("edition", "scope", "anonymous_id")
        .distinct()
    )
    return (
        visitors.groupBy("edition", "scope")
        .agg(
            F.count("*").alias("visitors"),
            F.hll_sketch_agg("anonymous_id", SKETCH_LG_K).alias("sketch"),
        )
        .select("edition", "scope", "visitors", "sketch")
    )
