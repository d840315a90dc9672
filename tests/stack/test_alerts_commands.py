"""`footfall alerts` and `footfall user operator`, with real servers at the end of the roads."""

import json

import pytest
from click.testing import CliRunner

from contracts.names import Collection
from stack.alerts_commands import alerts_group
from stack.commands import main
from tests.databases import own_database
from tests.loops import beside
from tests.outgoing.mail_server import MailServer


@pytest.fixture
def post_office(authority):
    found = MailServer(authority.server_side("localhost"))
    yield found
    found.close()


@pytest.fixture
def run(environment, post_office, receiver, authority, monkeypatch):
    alerts = {
        "SMTP_HOST": "localhost",
        "SMTP_PORT": str(post_office.port),
        "MAIL_FROM": "footfall@shop.example",
        "MAIL_TO": "ops@shop.example",
        "WEBHOOK_URL": receiver.url,
        "WEBHOOK_SECRET": "a-secret-of-operators",
        "WEBHOOK_PRIVATE_ADDRESS": "true",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name, value in alerts.items():
        monkeypatch.setenv(f"FOOTFALL_ALERT_{name}", value)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return lambda *words: beside(CliRunner().invoke, alerts_group, words)


def test_a_test_goes_out_by_both_roads(run, post_office, receiver):
    shown = run("test")
    assert shown.exit_code == 0, shown.output
    assert [line.split()[:2] for line in shown.output.splitlines()] == [["mail", "sent"], ["webhook", "sent"]]
    assert post_office.mails[0][2]["Subject"] == "[Footfall] Test of the alerts"
    assert json.loads(receiver.posts[0][2])["kind"] == "test"


def test_a_road_that_fails_is_named_and_nothing_secret_with_it(run, post_office, receiver):
    receiver.answers = [(503, {})]
    shown = run("test", "--json")
    assert shown.exit_code == 1
    roads = json.loads(shown.output)["roads"]
    assert roads["mail"]["is_sent"] and roads["webhook"] == {"is_sent": False, "why": "The answer was 503."}
    assert "a-secret" not in shown.output


def test_no_road_at_all_and_half_a_road(run, monkeypatch):
    monkeypatch.delenv("FOOTFALL_ALERT_MAIL_FROM")
    assert "FOOTFALL_ALERT_MAIL_FROM is empty" in str(run("test").exception)
    for name in ("SMTP_HOST", "SMTP_PORT", "MAIL_TO", "WEBHOOK_URL", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"FOOTFALL_ALERT_{name}")
    assert "No road is set up" in str(run("test").exception)


def test_an_operator_is_made_and_unmade_and_the_audit_has_both(environment, mongo):
    def run(*words):
        return CliRunner().invoke(main, words, env=environment)

    with own_database(mongo, "operators") as database:
        environment |= {"FOOTFALL_MONGO_URI": mongo, "FOOTFALL_DATABASE": database.name}
        database[Collection.USERS].insert_one({"_id": "otto@example.com", "merchants": [], "password_hash": "x"})
        for words, is_operator in (((), True), (("--off",), False)):
            shown = run("user", "operator", " Otto@example.com", "--by", "anna@example.com", *words)
            assert shown.exit_code == 0, shown.output
            assert database[Collection.USERS].find_one()["is_operator"] is is_operator
        entries = [(one["who"], one["action"], one["user"]) for one in database[Collection.AUDIT].find().sort("at", 1)]
        assert entries == [
            ("anna@example.com", "operator_made", "otto@example.com"),
            ("anna@example.com", "operator_unmade", "otto@example.com"),
        ]
        assert run("user", "operator", "nobody@example.com", "--by", "anna@example.com").exit_code == 1
