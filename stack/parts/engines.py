"""The engines: the broker, the database, and the database of its backups."""

from contracts.settings import Settings
from stack.parts import kafka, mongo
from stack.parts.program import Group, Program


def programs(settings: Settings) -> list[Program]:
    return [
        Program(
            name="kafka",
            group=Group.ENGINES,
            command=kafka.run_command(settings),
            address=settings.kafka_bootstrap,
            is_well=lambda: kafka.is_answering(settings),
            stop_seconds=30,
        ),
        _database("mongo", settings.mongo_uri, settings),
        _database("backup-mongo", settings.backup_mongo_uri, settings),
    ]


def _database(name: str, uri: str, settings: Settings) -> Program:
    return Program(
        name=name,
        group=Group.ENGINES,
        command=mongo.run_command(settings.data / name, uri, settings.snapshot_window_seconds),
        address=uri.split("?")[0],
        is_well=lambda: mongo.is_writable(uri),
        stop_seconds=30,
    )
