"""Envelopes: from the bytes of a topic to what the collector noted about each message.

The shape is `contracts.messages.Envelope`. Bytes that are none of ours get an envelope id from their place.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.messages import ENVELOPE_VERSION
from spark_jobs.rules.texts import given
from spark_jobs.rules.times import LAST_MS, instant, millis_of

_SHAPE = (
    "v string, envelope_id string, merchant string, key_kind string, key_generation string, received_at string, "
    "sent_at string, message_id string, user_agent string, source struct<door: string, raw: string>, "
    "reject struct<code: string, field: string>, context string, message string"
)
_TEXTS = ("key_kind", "message_id", "user_agent", "context", "message")
_PLACE = ("partition", "offset", "kafka_time", "value")


def envelopes_of(messages: DataFrame, topic_id: str) -> DataFrame:
    """One row a message of a topic (columns of `spark_jobs.sources.MESSAGES`).

    partition, offset, kafka_time, value, is_envelope, envelope_id, merchant ('' where it is no envelope), received_at,
    key_kind, key_generation, envelope_sent_at, message_id, user_agent, door, reject, context, message, original, is_returned.
    """
    parsed = messages.select(*_PLACE, F.from_json(F.col("value").cast("string"), _SHAPE).alias("envelope"))
    timed = parsed.select(*_PLACE, "envelope", millis_of(F.col("envelope.received_at")).alias("received_ms"))
    judged = timed.select(
        *_PLACE,
        F.when(_is_ours(), F.col("envelope")).alias("envelope"),
        F.when(_is_ours(), instant(F.col("received_ms"))).alias("received_at"),
    )
    is_envelope = F.col("received_at").isNotNull()
    place = F.concat_ws("/", F.lit(topic_id), F.col("partition"), F.col("offset"))
    envelope_id = F.coalesce(F.col("envelope.envelope_id"), place)
    return judged.select(
        *_PLACE,
        is_envelope.alias("is_envelope"),
        envelope_id.alias("envelope_id"),
        F.coalesce(F.col("envelope.merchant"), F.lit("")).alias("merchant"),
        F.coalesce(F.col("received_at"), F.col("kafka_time")).alias("received_at"),
        F.col("envelope.key_generation").try_cast("int").alias("key_generation"),
        F.col("envelope.sent_at").alias("envelope_sent_at"),
        *[F.col(f"envelope.{name}").alias(name) for name in _TEXTS],
        F.col("envelope.source.door").alias("door"),
        F.col("envelope.reject").alias("reject"),
        _original().alias("original"),
        (is_envelope & envelope_id.rlike(r"/r[0-9]+$")).alias("is_returned"),
    )


def _is_ours() -> Column:
    envelope = F.col("envelope")
    has_version = envelope["v"] == str(ENVELOPE_VERSION)
    has_ids = given(envelope["envelope_id"]).isNotNull() & given(envelope["merchant"]).isNotNull()
    is_ours = has_version & has_ids & F.col("received_ms").between(0, LAST_MS)
    return F.coalesce(is_ours, F.lit(False))


def _original() -> Column:
    """The client's own bytes, as far as they are known; else the value itself."""
    text = F.col("envelope.message").cast("binary")
    raw = F.try_to_binary(F.col("envelope.source.raw"), F.lit("base64"))
    return F.coalesce(text, raw, F.col("value"))
