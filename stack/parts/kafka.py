"""One Kafka node, broker and controller, on the loopback."""

from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from contracts.settings import Settings
from stack.addresses import port_of_bootstrap
from stack.java import java_program

_CLUSTER_ID = "footfall-local-stack-0"
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/log
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
# after kill -9 the broker that comes back waits this long for its own old session (default 9 s)
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000
"""
_LOGGING = """\
# Warnings and worse, and the line that says it has started.
Configuration:
  Appenders:
    Console:
      name: out
      target: SYSTEM_OUT
      PatternLayout: {pattern: "%d %p %c{1} %m%n"}
  Loggers:
    Root: {level: WARN, AppenderRef: {ref: out}}
    Logger:
      - {name: kafka.server.KafkaRaftServer, level: INFO}
"""


def folder_of(settings: Settings) -> Path:
    return settings.data / "kafka"


def write_configuration(settings: Settings) -> None:
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    ports = {"port": port_of_bootstrap(settings.kafka_bootstrap), "controller_port": settings.kafka_controller_port}
    (folder / "server.properties").write_text(_PROPERTIES.format(folder=folder, **ports))
    (folder / "log4j2.yaml").write_text(_LOGGING)


def is_formatted(settings: Settings) -> bool:
    return (folder_of(settings) / "log" / "meta.properties").exists()


def format_command(settings: Settings) -> list[str]:
    """Prepares the storage of a node that has none yet."""
    properties = str(folder_of(settings) / "server.properties")
    tool = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", properties, "--standalone"]
    return [*_java(settings, "-Xmx128m"), *tool]


def run_command(settings: Settings) -> list[str]:
    folder = folder_of(settings)
    logging = f"-Dlog4j2.configurationFile=file:{folder / 'log4j2.yaml'}"
    return [*_java(settings, "-Xms256m", "-Xmx512m", logging), "kafka.Kafka", str(folder / "server.properties")]


def _java(settings: Settings, *options: str) -> list[str]:
    flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *options]
    return [str(java_program()), *flags, "-cp", str(settings.home / "jars" / "kafka" / "*")]


def is_answering(settings: Settings) -> bool:
    try:
        return bool(
            AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0}).list_topics(timeout=2).brokers
        )
    except KafkaException:
        return False
