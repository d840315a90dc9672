"""A broker for measurements of the collector alone, without the rest of a stack."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from contracts.names import Topic
from contracts.settings import Settings
from stack.jars import fetch_jars
from stack.local import environment_on_free_ports, local_settings
from stack.parts import kafka
from stack.topics import create_topics
from stack.waiting import wait_until

_SECONDS = 60.0


def pinned(core: int, command: list[str]) -> list[str]:
    """The command with all that it starts on one core."""
    return ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def running_broker(core: int) -> Iterator[Settings]:
    """The settings of a stack of which only the broker runs, with its topics; removed afterwards."""
    data = Path(tempfile.mkdtemp(prefix="footfall-bench-"))
    settings = local_settings(environment_on_free_ports(data))
    fetch_jars(settings.home)
    kafka.write_configuration(settings)
    subprocess.run(kafka.format_command(settings), check=True, capture_output=True, timeout=_SECONDS)
    with (data / "kafka.log").open("wb") as log:
        process = subprocess.Popen(pinned(core, kafka.run_command(settings)), stdout=log, stderr=subprocess.STDOUT)
    try:
        if not wait_until(lambda: kafka.is_answering(settings), _SECONDS):
            raise RuntimeError(f"The broker does not start: {(data / 'kafka.log').read_text()[-2_000:]}")
        create_topics(settings)
        yield settings
    finally:
        process.terminate()
        process.wait(_SECONDS)
        shutil.rmtree(data, ignore_errors=True)


def stored_messages(settings: Settings) -> int:
    """How many messages were ever written to the topic of events."""
    reader = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": "bench"})
    try:
        partitions = reader.list_topics(Topic.EVENTS, timeout=_SECONDS).topics[Topic.EVENTS].partitions
        places = [TopicPartition(Topic.EVENTS, number) for number in partitions]
        return sum(reader.get_watermark_offsets(place, timeout=_SECONDS)[1] for place in places)
    finally:
        reader.close()
