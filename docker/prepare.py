"""Prepares the engines once they answer: replica sets, indexes, topics. Safe to run again; compose does at every start.

Airflow's own database is prepared by `airflow db migrate` before this.
"""

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from contracts.completeness import check_contracts
from stack.database import open_database, prepare_database
from stack.shop_keys import publish_revocations
from stack.topics import create_topics
from stack.waiting import wait_until

_ALREADY_INITIALIZED = 23
_ELECTION_SECONDS = 60


def main() -> None:
    settings = check_contracts()
    for uri in (settings.mongo_uri, settings.backup_mongo_uri):
        initiate(urlsplit(uri).netloc.rsplit("@", 1)[-1])
    prepare_database(open_database(settings))
    create_topics(settings)
    publish_revocations(open_database(settings), settings)
    write_passwords()


def initiate(host: str) -> None:
    """Makes the server at `host:port` a replica set of one; ends the program where it does not become writable."""
    with MongoClient[dict[str, object]](f"mongodb://{host}/?directConnection=true") as client:
        try:
            members = [{"_id": 0, "host": host}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:
                raise
        if not wait_until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]), _ELECTION_SECONDS):
            sys.exit(f"{host} did not become writable in {_ELECTION_SECONDS} s: see its log.")


def write_passwords() -> None:
    """The one sign-in of the Airflow UI, where Airflow's simple auth manager looks for it."""
    file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    file.touch(mode=0o600)
    file.write_text(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}))


if __name__ == "__main__":
    main()
