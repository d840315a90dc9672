"""Quality by hour: what arrived, what became of it, and how late it was. Traffic's counts come from the same pass."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.archive import TimeSource
from contracts.events import CANONICAL_NAMES, MessageType
from contracts.names import Outcome
from contracts.reports import LATE_AFTER_SECONDS, LATENESS_EDGES_SECONDS
from spark_jobs.rules.texts import lower

COMMERCE_WORDS = "order|product|cart|checkout|purchase|refund|payment|coupon|basket"
CUSTOM_NAMES_KEPT = 50
CUSTOM_NAME_CHARACTERS = 100


def counts_by_scope(rows: DataFrame) -> DataFrame:
    """(edition, scope, <counts>, lateness, last_event_at) from scope rows; `lateness` has 11 counts."""
    return rows.groupBy("edition", "scope").agg(
        *[F.count_if(mark).alias(name) for name, mark in _marks().items()],
        F.array(*[F.count_if(mark) for mark in _lateness_marks()]).alias("lateness"),
        F.max(F.when(_is(Outcome.ACCEPTED), F.col("event_time"))).alias("last_event_at"),
    )


def _marks() -> dict[str, Column]:
    is_accepted = _is(Outcome.ACCEPTED)
    is_returned = F.col("is_returned")
    return {
        "received": ~is_returned,
        "returned": is_returned,
        "accepted": is_accepted,
        "duplicate": _is(Outcome.DUPLICATE),
        "bot": _is(Outcome.BOT),
        "rejected": _is(Outcome.REJECTED),
        "late": is_accepted & (_lateness_seconds() > LATE_AFTER_SECONDS),
        "clock_corrected": is_accepted & _is_clock_corrected(),
        "id_reused": is_accepted & F.col("is_id_reused"),
        "events": is_accepted,
        "page_views": is_accepted & F.col("type").isin(MessageType.PAGE, MessageType.SCREEN),
        "cookieless": is_accepted & F.col("is_cookieless"),
    }


def _is(outcome: Outcome) -> Column:
    return F.col("outcome") == F.lit(str(outcome))


def _is_clock_corrected() -> Column:
    """The time is not the client's although it sent one."""
    return F.col("client_time").isNotNull() & (F.col("time_source") != TimeSource.CLIENT)


def _lateness_seconds() -> Column:
    return (F.unix_millis("received_at") - F.unix_millis("event_time")) / 1000


def _lateness_marks() -> list[Column]:
    """One condition a bucket: up to each edge, and beyond the last."""
    seconds = _lateness_seconds()
    lows = (None, *LATENESS_EDGES_SECONDS)
    highs = (*LATENESS_EDGES_SECONDS, None)
    marks = []
    for low, high in zip(lows, highs, strict=True):
        above = F.lit(True) if low is None else seconds > low
        below = F.lit(True) if high is None else seconds <= high
        marks.append(_is(Outcome.ACCEPTED) & above & below)
    return marks


def names_by_scope(rows: DataFrame) -> DataFrame:
    """(edition, scope, kind, name, count): codes of the rejected (kind `code`), and custom names that look like commerce
    (kind `custom`), which are likely names that we should know.
    """
    is_code = _is(Outcome.REJECTED)
    is_custom = ~F.col("event").isin(*sorted(set(CANONICAL_NAMES.values())))
    looks_like_commerce = lower(F.col("event")).rlike(COMMERCE_WORDS)
    is_suspect = _is(Outcome.ACCEPTED) & (F.col("type") == MessageType.TRACK) & is_custom & looks_like_commerce
    named = rows.where(is_code | is_suspect).select(
        "edition",
        "scope",
        F.when(is_code, "code").otherwise("custom").alias("kind"),
        F.when(is_code, F.col("code"))
        .otherwise(_as_key(F.substring("event", 1, CUSTOM_NAME_CHARACTERS)))
        .alias("name"),
    )
    return named.groupBy("edition", "scope", "kind", "name").count()


def _as_key(name: Column) -> Column:
    """The name as a field's name of a document, which cannot hold the zero character."""
    return F.translate(name, "\0", "\ufffd")
