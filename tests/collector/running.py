"""The collector as a real process, and the topic as a reader sees it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.keys import KeyKind, WriteKey, sign_key
from contracts.names import Topic

ROOT = Path(__file__).parents[2]
SECRETS = {"t1": bytes(range(32))}
PARTITIONS = 3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float = 20.0, pause: Callable[[float], None] = time.sleep) -> Any:
    """The condition's first true value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        pause(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


def new_merchant() -> str:
    """A merchant of this test alone, so that a shared broker's topic can be read by test."""
    return f"m-{uuid.uuid4().hex[:12]}"


def key_of(merchant: str, kind: KeyKind = KeyKind.PAGE, generation: int = 1) -> str:
    return sign_key(WriteKey(kind, "t1", merchant, generation), SECRETS)


@dataclass
class RunningCollector:
    url: str
    kafka: str
    process: subprocess.Popen[bytes]
    log_file: Path

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        return requests.post(f"{self.url}{path}", data=content, timeout=60, **options)

    def is_alive(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the collector ended: {self.log_file.read_text()[-2000:]}")
        try:
            return requests.get(f"{self.url}/health", timeout=2).ok
        except requests.ConnectionError:
            return False

    def is_ready(self) -> bool:
        return requests.get(f"{self.url}/ready", timeout=10).ok

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]


def environment(kafka: str, port: int, **settings: str) -> dict[str, str]:
    secrets = ",".join(f"{name}:{secret.hex()}" for name, secret in SECRETS.items())
    given = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}
    if "FOOTFALL_KEY_SECRETS_FILE" not in settings:
        given["FOOTFALL_KEY_SECRETS"] = secrets
    return given | {
        "PYTHONPATH": str(ROOT),
        "FOOTFALL_KAFKA_BOOTSTRAP": kafka,
        "FOOTFALL_COLLECTOR_PORT": str(port),
        "FOOTFALL_COLLECTOR_METRICS_PORT": "0",
        "FOOTFALL_PUBLIC_COLLECTOR_URL": f"http://127.0.0.1:{port}",
        **settings,
    }


@contextmanager
def running_collector(
    kafka: str, folder: Path, module: str = "collector", **settings: str
) -> Iterator[RunningCollector]:
    """A collector on a free port that answers; killed at the end if it is still there."""
    port = free_port()
    log_file = folder / f"collector-{port}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=environment(kafka, port, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    collector = RunningCollector(f"http://127.0.0.1:{port}", kafka, process, log_file)
    try:
        until(collector.is_alive)
        yield collector
    finally:
        if process.poll() is None:
            collector.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def make_topic(kafka: str) -> None:
    admin = AdminClient({"bootstrap.servers": kafka})
    topics = [
        NewTopic(Topic.EVENTS, PARTITIONS, 1),
        NewTopic(Topic.SHOP_KEYS, 1, 1, config={"cleanup.policy": "compact"}),
    ]
    for made in admin.create_topics(topics).values():
        try:
            made.result(20)
        except KafkaException as error:
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                raise


def envelopes(kafka: str, merchant: str) -> list[dict[str, Any]]:
    """Every envelope of the merchant that is in the topic now, in the order of partitions and offsets."""
    reader = Consumer({"bootstrap.servers": kafka, "group.id": "reader", "enable.auto.commit": False})
    try:
        places = [TopicPartition(Topic.EVENTS, number) for number in partitions_of(reader)]
        bounds = [reader.get_watermark_offsets(place, timeout=20) for place in places]
        reader.assign(
            [TopicPartition(Topic.EVENTS, place.partition, low) for place, (low, _) in zip(places, bounds, strict=True)]
        )
        messages = reader.consume(sum(high - low for low, high in bounds), timeout=20)
        assert len(messages) == sum(high - low for low, high in bounds), "the topic could not be read to its end"
        messages.sort(key=lambda message: (message.partition(), message.offset()))
        found = [json.loads(message.value()) for message in messages]
        return [envelope for envelope in found if envelope["merchant"] == merchant]
    finally:
        reader.close()


def figure(port: int, name: str) -> float:
    """One of the figures of the collector whose metrics are on this port."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    lines = [line for line in text.splitlines() if line.startswith(f"footfall_collector_{name} ")]
    assert len(lines) == 1, name
    return float(lines[0].split()[1])


def partitions_of(reader: Consumer) -> list[int]:
    return sorted(reader.list_topics(Topic.EVENTS, timeout=20).topics[Topic.EVENTS].partitions)
