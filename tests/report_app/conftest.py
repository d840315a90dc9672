"""A report app on a real database, each test with a database of its own."""

import socket
import subprocess
import sysconfig
import uuid
from pathlib import Path

import pytest
from pymongo import MongoClient

from contracts.settings import Settings
from report_app import create_app
from tests.report_app.documents import NOW, PASSWORD

SECRET = "tests-only-secret-of-more-than-32-characters"
KEY_SECRETS = "t1:" + "5a" * 20


@pytest.fixture(scope="session")
def mongo(tmp_path_factory):
    """URI of a replica set of one, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("mongo")
    program = Path(sysconfig.get_path("purelib")) / "fiftyone" / "db" / "bin" / "mongod"
    command = [program, "--replSet", "rs0", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"]
    command += ["--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", folder, "--logpath", folder / "log"]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    try:
        client = MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true")
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
        client.close()
        yield f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def database(mongo):
    client = MongoClient(mongo, tz_aware=True)
    name = f"app_{uuid.uuid4().hex[:12]}"
    yield client[name]
    client.drop_database(name)
    client.close()


@pytest.fixture
def clock():
    """The app's time; tests move it by assigning `clock.now`."""

    class Clock:
        now = NOW

    return Clock()


@pytest.fixture
def app(mongo, database, clock):
    settings = Settings(mongo_uri=mongo, database=database.name, app_secret=SECRET, key_secrets=KEY_SECRETS)
    return create_app(settings, now=lambda: clock.now)


@pytest.fixture
def visitor(app):
    """A browser's requests without a sign-in."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def sign_in(visitor):
    """Signs in as a user whose document is in the database; answers the client."""

    def do(email="anna@example.com", password=PASSWORD):
        answer = visitor.post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return visitor

    return do
