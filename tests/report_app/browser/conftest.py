"""A real browser on the real app, with a shop of nine weeks."""

import threading

import pytest
from pymongo import MongoClient
from werkzeug.serving import make_server

from contracts.erasures import erased_ids, new_erasure
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId
from contracts.settings import Settings
from report_app import create_app
from tests.report_app.conftest import KEY_SECRETS, NO_BROKER, SECRET
from tests.report_app.documents import NOW, PASSWORD
from tests.report_app.failed import failed
from tests.report_app.filled_shop import fill
from tests.report_app.hooked import delivery, webhook

LONG = "The certificate is not valid for this name: Hostname mismatch, certificate is not valid for 'shop.example'."
LONG_NAME = "somebody.with.a.name.that.never.ends" + "@shop" * 12 + ".example"
SWITCHED_OFF = {
    "url": "https://" + "shop." * 12 + "example/" + "footfall" * 20,
    "state": "off",
    "off_because": "No delivery succeeded for 3 days.",
}


@pytest.fixture(scope="session")
def shop_database(mongo):
    client = MongoClient(mongo, tz_aware=True)
    fill(client["app_browser"], days=57)
    statuses = ("parked", "parked", "waiting", "repairing", "repaired", "dropped")
    client["app_browser"][Collection.FAILED_EVENTS].insert_many(failed(n, status) for n, status in enumerate(statuses))
    client["app_browser"][Collection.WEBHOOKS].insert_many([webhook(), webhook(_id="cd" * 10, **SWITCHED_OFF)])
    client["app_browser"][Collection.WEBHOOK_DELIVERIES].insert_many(
        [
            delivery(1, "delivered"),
            delivery(2, "waiting", 503, "The answer was 503."),
            delivery(3, "failed", None, LONG),
        ]
    )
    client["app_browser"][Collection.ERASURES].insert_many([erasure(1, "found"), erasure(2, "done")])
    yield client["app_browser"]
    client.close()


def erasure(number, state):
    ids = erased_ids(b"1" * 16, [PersonId(IdKind.USER, f"anna-{number}")], is_named=True)
    ordered = new_erasure(f"nordlicht/{number:012x}", "nordlicht", "e1", ids, LONG_NAME, NOW, is_confirmed=False)
    return dict(ordered) | {"state": state, "needs_a_look": True, "receipt": {"erasure": f"{number}"}}


@pytest.fixture(scope="session")
def address(mongo, shop_database):
    settings = Settings(
        mongo_uri=mongo,
        database=shop_database.name,
        app_secret=SECRET,
        key_secrets=KEY_SECRETS,
        kafka_bootstrap=NO_BROKER,
    )
    server = make_server("127.0.0.1", 0, create_app(settings, now=lambda: NOW), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def signed_in(browser, address, email, heading, wanted="/"):
    """What a browser keeps after it signed in and saw the heading of the page that it wanted."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto(f"/sign-in?next={wanted}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name=heading).wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def session_state(browser, address):
    return signed_in(browser, address, "anna@example.com", "Overview")


@pytest.fixture
def open_page(browser, address, session_state):
    """Opens a page of the app, signed in; its console must stay silent."""
    contexts, complaints = [], []

    def do(path, width=1440, scheme="light", with_script=True):
        context = browser.new_context(
            base_url=address,
            storage_state=session_state,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=with_script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield do
    for context in contexts:
        context.close()
    assert complaints == []
