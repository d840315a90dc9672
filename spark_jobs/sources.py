"""Where messages come from: exact ranges of a Kafka topic, read once."""

import json
from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.frames import frame

MESSAGES = "value binary, partition int, offset bigint, kafka_time timestamp"
_TIMEOUT_MS = "30000"


def read_ranges(spark: SparkSession, bootstrap: str, topic: str, ranges: Mapping[str, Sequence[int]]) -> DataFrame:
    """The messages of `ranges` (partition -> [first offset, offset after the last]); columns of `MESSAGES`.

    Reading fails when the broker no longer has a part of a range: nothing is skipped silently.
    """
    wanted = {int(partition): (start, end) for partition, (start, end) in ranges.items() if end > start}
    if not wanted:
        return frame(spark, [], MESSAGES)
    rows = (
        spark.read.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap)
        .option("kafka.request.timeout.ms", _TIMEOUT_MS)
        .option("kafka.default.api.timeout.ms", _TIMEOUT_MS)
        .option("assign", json.dumps({topic: sorted(wanted)}))
        .option("startingOffsets", _offsets(topic, {partition: start for partition, (start, _) in wanted.items()}))
        .option("endingOffsets", _offsets(topic, {partition: end for partition, (_, end) in wanted.items()}))
        .option("failOnDataLoss", "true")
        .load()
    )
    return rows.select("value", "partition", "offset", F.col("timestamp").alias("kafka_time"))


def read_ends(spark: SparkSession, bootstrap: str, topic: str) -> dict[int, int]:
    """Of each partition of the topic the offset after its last message."""
    kafka = spark._jvm.org.apache.kafka  # type: ignore[union-attr]
    deserializer = "org.apache.kafka.common.serialization.ByteArrayDeserializer"
    consumer = kafka.clients.consumer.KafkaConsumer(
        {
            "bootstrap.servers": bootstrap,
            "key.deserializer": deserializer,
            "value.deserializer": deserializer,
            "request.timeout.ms": _TIMEOUT_MS,
            "default.api.timeout.ms": _TIMEOUT_MS,
        }
    )
    try:
        partitions = [one.partition() for one in consumer.partitionsFor(topic)]
        asked = [kafka.common.TopicPartition(topic, partition) for partition in partitions]
        return {one.partition(): end for one, end in consumer.endOffsets(asked).items()}
    finally:
        consumer.close()


def _offsets(topic: str, by_partition: Mapping[int, int]) -> str:
    return json.dumps({topic: {str(partition): offset for partition, offset in by_partition.items()}})
