"""Two MongoDB servers: the platform's database, and the one of its backups. Each is a replica set of one."""

import sysconfig
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from stack.addresses import port_of_mongo
from stack.problems import StackProblem

_ALREADY_INITIALIZED = 23
REPLICA_SET = "rs0"


def program() -> Path:
    """mongod of the extra `local-stack`; raises StackProblem."""
    found = Path(sysconfig.get_path("purelib")) / "fiftyone" / "db" / "bin" / "mongod"
    if not found.exists():
        raise StackProblem(
            "mongod is missing: run `make setup` (the extra `local-stack` brings it, Linux x86-64 only)."
        )
    return found


def run_command(
    folder: Path, uri: str, window_seconds: int = 300, cache_gigabytes: float = 0.25, log_megabytes: int = 256
) -> list[str]:
    """A mongod at the URI's port with its files in `folder`, that keeps every instant readable for `window_seconds`."""
    sizes = ["--wiredTigerCacheSizeGB", str(cache_gigabytes), "--oplogSize", str(log_megabytes)]
    place = ["--bind_ip", "127.0.0.1", "--port", str(port_of_mongo(uri)), "--dbpath", str(folder)]
    window = ["--setParameter", f"minSnapshotHistoryWindowInSeconds={window_seconds}"]
    sockets = ["--nounixsocket", "--quiet"]
    return [str(program()), "--replSet", REPLICA_SET, *sizes, *place, *window, *sockets]


def initiate(uri: str) -> None:
    """Makes a server that runs a replica set of one; nothing where it is one already."""
    member = {"_id": 0, "host": f"127.0.0.1:{port_of_mongo(uri)}"}
    with _direct(uri, seconds=30) as client:
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:
                raise


def is_answering(uri: str) -> bool:
    """Whether it runs, initiated or not."""
    return _hello(uri) is not None


def is_writable(uri: str) -> bool:
    return bool((_hello(uri) or {}).get("isWritablePrimary"))


def _hello(uri: str) -> dict[str, object] | None:
    try:
        with _direct(uri, seconds=2) as client:
            return dict(client.admin.command("hello"))
    except PyMongoError:
        return None


def _direct(uri: str, seconds: int) -> MongoClient[dict[str, object]]:
    address = f"mongodb://127.0.0.1:{port_of_mongo(uri)}/?directConnection=true"
    return MongoClient(address, serverSelectionTimeoutMS=seconds * 1000)
