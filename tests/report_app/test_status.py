"""The state of the platform: whole for operators, nothing for everybody else."""

import pytest

from contracts.names import Collection
from tests.report_app.documents import merchant, user
from tests.report_app.promised import HOSTILE, fill_status


@pytest.fixture
def filled(database):
    fill_status(database)
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_many(
        [user(), user(_id="otto@example.com", merchants=[], is_operator=True)]
    )  # fmt: skip
    return database


@pytest.fixture
def operator(filled, sign_in):
    return sign_in("otto@example.com")


def test_who_is_no_operator_finds_nothing(filled, sign_in, visitor, caplog):
    assert visitor.get("/status").status_code == 302
    assert visitor.get("/api/v1/status").status_code == 401
    client = sign_in()
    for value in (None, False, "yes", 1):
        filled[Collection.USERS].update_one({"_id": "anna@example.com"}, {"$set": {"is_operator": value}})
        for path in ("/status", "/api/v1/status"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert "harbour" not in answer.get_data(as_text=True)
        assert "/status" not in client.get("/shops/nordlicht/settings").get_data(as_text=True)
    assert "no operator: user=" in caplog.text and "anna@" not in caplog.text


def test_an_operator_sees_checks_thresholds_breaks_alerts_and_versions(operator):
    text = operator.get("/status").get_data(as_text=True)
    for words in (
        "A promise is broken.",
        "12 s <small>at most 5 min</small>",
        "55 h <small>at most 42 h</small>",
        "35.4 % <small>at least 10 %</small>",
        "footfall.events.v1: it waited for 200,000 s.",
        "since 24 Nov, 11:32",
        "And 3 more.",
        "nightly is wrong.",
        "21 Nov, 14:32",
        "Broken: Lag",
        "mail: sent",
        "webhook: given up",
        "no road is set up",
        "There is no proven copy yet",
        "MongoDB",
    ):
        assert words in text, words
    assert "chai/1" not in text, "what is awaited is not broken"


def test_what_a_shop_wrote_is_shown_as_text(operator):
    text = operator.get("/status").get_data(as_text=True)
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    assert HOSTILE[:600] not in text and "x" * 600 not in text


def test_an_operator_finds_the_way_and_no_shop_besides_the_own(operator):
    assert "/status" in operator.get("/").get_data(as_text=True)
    assert operator.get("/shops/nordlicht/").status_code == 404


def test_one_who_has_a_shop_too_finds_the_way_on_its_pages(filled, sign_in):
    filled[Collection.USERS].update_one({"_id": "anna@example.com"}, {"$set": {"is_operator": True}})
    client = sign_in()
    assert "/status" in client.get("/").get_data(as_text=True)
    assert "/status" in client.get("/shops/nordlicht/settings").get_data(as_text=True)
    assert "/shops/nordlicht/settings" in client.get("/status").get_data(as_text=True)


def test_the_same_as_json(operator):
    body = operator.get("/api/v1/status").json
    assert (body["status"], body["backups"]["status"]) == ("broken", "unknown")
    assert body["checks"]["lag"] | {"promise": "", "measures": []} == {
        "promise": "",
        "status": "broken",
        "unit": "seconds",
        "is_least": False,
        "measures": [],
        "broken": 1,
        "since": "2026-11-24T11:32:48Z",
        "looked_at": "2026-11-24T13:30:48Z",
    }
    assert body["checks"]["disk"]["measures"] == [{"of": "archive, broker", "value": 0.354, "limit": 0.1}]
    assert [one["roads"] for one in body["alerts"]] == [{"mail": "sent", "webhook": "failed"}, {}]
    assert body["breaks"][-1]["until"] == "2026-11-21T14:32:48Z"


def test_an_empty_platform_says_that_nobody_has_looked(database, sign_in):
    database[Collection.USERS].insert_one(user(merchants=[], is_operator=True))
    text = sign_in().get("/status").get_data(as_text=True)
    for words in (
        "Nobody has looked lately",
        "nobody has looked yet",
        "No promise was broken",
        "There was nothing to tell",
    ):
        assert words in text
