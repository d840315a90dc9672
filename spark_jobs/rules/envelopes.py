"""Envelopes: from the bytes of a topic to what the collector noted about each message.

The shape is `contracts.messages.Envelope`. Bytes that are none of ours get an envelope id from their place.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.messages import ENVELOPE_VERSION
from spark_jobs.rules.texts import given
from spark_jobs.rules.times import millis_of

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
    key_kind, key_generation, envelope_sent_at, message_id, user_agent, door, raw, reject, context, message, is_returned.
    """
    parsed = messages.select(*_PLACE, F.from_json(F.col("value").cast("string"), _SHAPE).alias("envelope"))
    timed = parsed.withColumn("received_ms", millis_of(F.col("envelope.received_at")))
    judged = timed.withColumn("is_envelope", _is_ours())
    is_ours = F.col("is_envelope")

    def own(name: str) -> Column:
        return F.when(is_ours, F.col(f"envelope.{name}"))

    place = F.concat_ws("/", F.lit(topic_id), F.col("partition"), F.col("offset"))
    return judged.select(
        *_PLACE,
        is_ours,
        F.coalesce(own("envelope_id"), place).alias("envelope_id"),
        F.coalesce(own("merchant"), F.lit("")).alias("merchant"),
        F.when(is_ours, F.timestamp_millis("received_ms")).otherwise(F.col("kafka_time")).alias("received_at"),
        own("key_generation").try_cast("int").alias("key_generation"),
        own("sent_at").alias("envelope_sent_at"),
        *[own(name).alias(name) for name in _TEXTS],
        own("source.door").alias("door"),
        own("source.raw").alias("raw"),
        own("reject").alias("reject"),
        (is_ours & F.col("envelope.envelope_id").rlike(r"/r[0-9]+$")).alias("is_returned"),
    )


def _is_ours() -> Column:
    envelope = F.col("envelope")
    has_version = envelope["v"] == str(ENVELOPE_VERSION)
    has_ids = given(envelope["envelope_id"]).isNotNull() & given(envelope["merchant"]).isNotNull()
    return F.coalesce(has_version & has_ids & F.col("received_ms").isNotNull(), F.lit(False))


def original_of() -> Column:
    """The client's own bytes, as far as they are known; else the value itself."""
    text = F.col("message").cast("binary")
    return F.coalesce(text, F.try_to_binary("raw", F.lit("base64")), F.col("value"), F.lit(b""))
