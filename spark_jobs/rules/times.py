"""Times: what clients write, and the event time that follows from it. All are cut to milliseconds.

Source of the rules: docs/numbers.md, "Event time".
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.archive import TimeSource
from contracts.names import Outcome
from spark_jobs.rules.amounts import number
from spark_jobs.rules.texts import stripped, upper

CLOCK_TOLERANCE_MS = 5 * 60 * 1000
PAGE_KEY_DAYS = 7
LAST_MS = 253_402_214_400_000
"""9999-12-31: what is later, or before 1970 where the table of time zones begins, is no time."""

_PLAIN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$"
_ZONE = r"Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?"
_ISO_8601 = rf"^\d{{4}}-\d{{2}}-\d{{2}}(?:[T ](\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)?) ?({_ZONE})?)?$"
_FIRST_MILLISECONDS = 100_000_000_000
_DAY_MS = 86_400_000


def millis_of(text: Column) -> Column:
    """Unix milliseconds of a time as text; null where it is none, or outside of 1970 to 9999.

    ISO 8601 with or without zone (UTC then), or a number: from 1e11 milliseconds, below seconds.
    """
    trimmed = F.trim(text)
    iso = F.when(trimmed.rlike(_PLAIN), trimmed).otherwise(_with_zone(upper(stripped(text))))
    millis = F.coalesce(F.unix_millis(iso.try_cast("timestamp")), _millis_of_number(number(text)))
    return F.when(millis.between(0, LAST_MS), millis)


def _with_zone(text: Column) -> Column:
    """The time as Spark reads it in any session's time zone; null where it is not in `_ISO_8601`."""
    time = F.translate(F.regexp_extract(text, _ISO_8601, 1), ",", ".")
    zone = F.regexp_extract(text, _ISO_8601, 2)
    whole = F.concat(
        F.substring(text, 1, 10),
        F.lit("T"),
        F.when(time == "", "00:00:00").when(F.length(time) == 5, F.concat(time, F.lit(":00"))).otherwise(time),
        F.when(zone.isin("", "UTC", "GMT"), "Z").otherwise(zone),
    )
    return F.when(text.rlike(_ISO_8601), whole)


def _millis_of_number(value: Column) -> Column:
    bounded = F.when(value.between(0, LAST_MS), value).try_cast("decimal(24,9)")
    return F.floor(F.when(bounded < _FIRST_MILLISECONDS, bounded * F.lit(1000)).otherwise(bounded)).try_cast("bigint")


def with_times(rows: DataFrame) -> DataFrame:
    """`rows` (received_at, client_text, sent_text) with client_time, sent_at, event_time, time_source, lag_ms.

    `lag_ms` is how long before received_at the message says it happened; `has_bad_time`, `has_bad_sent_at` tell a time
    that is there and cannot be read. A message that says it happened before 1970 has received_at as its event time.
    """
    read = rows.withColumns({"client_ms": millis_of(F.col("client_text")), "sent_ms": millis_of(F.col("sent_text"))})
    timed = read.withColumns(
        {
            "client_time": F.timestamp_millis("client_ms"),
            "sent_at": F.timestamp_millis("sent_ms"),
            "has_bad_time": F.col("client_text").isNotNull() & F.col("client_ms").isNull(),
            "has_bad_sent_at": F.col("sent_text").isNotNull() & F.col("sent_ms").isNull(),
            "is_clock_right": _is_clock_right(),
            "lag_ms": F.when(_is_clock_right(), F.unix_millis("received_at")).otherwise(F.col("sent_ms"))
            - F.col("client_ms"),
        }
    )
    placed = timed.withColumns({"event_time": _event_time(), "time_source": _time_source()})
    return placed.drop("client_text", "sent_text", "client_ms", "sent_ms", "is_clock_right")


def _is_clock_right() -> Column:
    skew = F.abs(F.unix_millis("received_at") - F.col("sent_ms"))
    return F.coalesce(skew <= CLOCK_TOLERANCE_MS, F.lit(True))


def _is_future() -> Column:
    return F.col("lag_ms") < -CLOCK_TOLERANCE_MS


def _is_before_1970() -> Column:
    return F.col("lag_ms") > F.unix_millis("received_at")


def _event_time() -> Column:
    is_received = F.col("lag_ms").isNull() | _is_future() | _is_before_1970()
    happened = F.timestamp_millis(F.unix_millis("received_at") - F.col("lag_ms"))
    return F.when(is_received, F.col("received_at")).otherwise(happened)


def _time_source() -> Column:
    return (
        F.when(F.col("lag_ms").isNull() | _is_before_1970(), TimeSource.RECEIVED)
        .when(_is_future(), TimeSource.CAPPED)
        .when(F.col("is_clock_right"), TimeSource.CLIENT)
        .otherwise(TimeSource.CORRECTED)
    )


def is_too_old(is_server_key: Column, retention_days: Column) -> Column:
    """Older than the key may send: the retention (null: no limit), and 7 days for a page key."""
    days = F.when(is_server_key, retention_days).otherwise(F.least(F.lit(PAGE_KEY_DAYS), retention_days))
    is_beyond = F.col("lag_ms") > days.cast("bigint") * F.lit(_DAY_MS)
    return F.coalesce(is_beyond, F.lit(False)) | F.coalesce(_is_before_1970(), F.lit(False))


def with_assigned(arrivals: DataFrame, assigned: DataFrame) -> DataFrame:
    """`arrivals` whose time was decided for all copies of their message take that time over; same columns.

    `assigned`: merchant, message_id, client_time (may be null), assigned_time; one row a message, few in all.
    """
    decided = F.broadcast(
        assigned.select(
            F.col("merchant").alias("of_merchant"),
            F.col("message_id").alias("of_message"),
            F.col("client_time").alias("of_client_time"),
            "assigned_time",
        )
    )
    is_same = (
        (F.col("merchant") == F.col("of_merchant"))
        & (F.col("message_id") == F.col("of_message"))
        & F.col("client_time").eqNullSafe(F.col("of_client_time"))
        & (F.col("outcome") != Outcome.REJECTED)
    )
    is_another = F.col("assigned_time") != F.col("event_time")
    replaced = {
        "event_time": F.coalesce(F.col("assigned_time"), F.col("event_time")).alias("event_time"),
        "time_source": F.when(is_another, TimeSource.ASSIGNED).otherwise(F.col("time_source")).alias("time_source"),
    }
    joined = arrivals.join(decided, on=is_same, how="left")
    return joined.select(*[replaced.get(name, F.col(name)) for name in arrivals.columns])
