"""A broker of a test's own, to be stopped, killed and started again; the shared one stays whole."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from contracts.settings import settings
from tests.collector.running import free_port, until

CLUSTER_ID = "footfall-test-cluster0"
PROPERTIES = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
"""


class OwnBroker:
    """One Kafka node on free ports; its data outlives `stop` and `kill`."""

    def __init__(self, folder: Path) -> None:
        port, controller_port = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self._folder = folder
        self._properties = folder / "server.properties"
        self._properties.write_text(PROPERTIES.format(port=port, controller_port=controller_port, folder=folder))
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._properties), "--standalone"]
        subprocess.run([*_java(128), *tool], check=True, capture_output=True, timeout=60)

    def start(self) -> None:
        with (self._folder / "broker.log").open("ab") as log:
            command = [*_java(256), "kafka.Kafka", str(self._properties)]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until(self._is_answering, 60)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)

    def hang(self) -> None:
        """It keeps its connections and answers nothing, until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)

    def pause(self) -> None:
        """It stands still: connections stay, nothing is acknowledged."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _is_answering(self) -> bool:
        assert self._process.poll() is None, (self._folder / "broker.log").read_text()[-2_000:]
        try:
            return bool(AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(timeout=1).brokers)
        except KafkaException:
            return False


def _java(megabytes: int) -> list[str]:
    jars = settings().home / "jars" / "kafka"
    folders = sorted({str(jar.parent.resolve() / "*") for jar in jars.rglob("*.jar")})
    assert folders, f"no jars of Kafka in {jars}: run `footfall setup`"
    options = [f"-Xmx{megabytes}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return ["java", *options, "-cp", ":".join(folders)]


@contextmanager
def running_own_broker(folder: Path) -> Iterator[OwnBroker]:
    """A started one, its data below `folder`; killed afterwards."""
    data = folder / "kafka"
    data.mkdir()
    broker = OwnBroker(data)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
