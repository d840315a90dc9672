"""A report app on a real database, each test with a database of its own."""

import pytest

from contracts.names import Collection
from contracts.settings import Settings
from report_app import create_app
from report_app.tickets import ordering
from report_app.tickets.publishing import RequestPublisher
from tests.databases import own_database
from tests.report_app.documents import NOW, PASSWORD, merchant, user

NO_BROKER = "127.0.0.1:1"
SECRET = "tests-only-secret-of-more-than-32-characters"
KEY_SECRETS = "t1:" + "5a" * 20
ERASURE_SECRETS = "e1:" + "3c" * 20


@pytest.fixture
def database(mongo):
    with own_database(mongo, "app") as database:
        yield database


@pytest.fixture
def clock():
    """The app's time; tests move it by assigning `clock.now`."""

    class Clock:
        now = NOW

    return Clock()


@pytest.fixture
def app(mongo, database, clock):
    settings = Settings(
        mongo_uri=mongo,
        database=database.name,
        app_secret=SECRET,
        key_secrets=KEY_SECRETS,
        erasure_secrets=ERASURE_SECRETS,
        kafka_bootstrap=NO_BROKER,
        request_quota_per_hour=5,
    )
    app = create_app(settings, now=lambda: clock.now)
    app.extensions[ordering.EXTENSION] = RequestPublisher(NO_BROKER, patience_seconds=0.05)
    return app


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


@pytest.fixture
def shops(database):
    """A shop of Anna's and another one; answers their collection."""
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other")])
    database[Collection.USERS].insert_one(user())
    return database[Collection.MERCHANTS]


@pytest.fixture
def browse(shops, sign_in):
    """Anna's browser."""
    return sign_in()
