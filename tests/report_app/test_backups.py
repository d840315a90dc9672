"""The state of the backups on the settings page and for monitors, as `watch_promises` saw it last."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.backups import SEEN
from contracts.names import Collection
from tests.report_app.documents import NOW, merchant, user

UNTIL = datetime(2026, 11, 24, 1, 0, 30, tzinfo=UTC)


@pytest.fixture
def see(database):
    def do(broken="", at=NOW, until=UNTIL):
        line = {"until": until, "documents": 7, "generations": 3, "broken": broken}
        decisions = line | {"until": until and until + timedelta(hours=12), "broken": ""}
        seen = {"at": at, "lines": {"nightly": line, "decisions": decisions}}
        database[Collection.BACKUPS].replace_one({"_id": SEEN}, seen, upsert=True)

    return do


@pytest.fixture
def page(database, sign_in):
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    client = sign_in()
    return lambda: client.get("/shops/nordlicht/settings").get_data(as_text=True)


def test_whole_and_in_time(see, visitor, page):
    see()
    answer = visitor.get("/health/backups")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "kept",
            "until": "2026-11-24T01:00:30Z",
            "decisions_until": "2026-11-24T13:00:30Z",
            "generations": 3,
            "seen_at": "2026-11-24T13:32:48Z",
        },
    )
    assert (
        "proven copy of everything is of 24 Nov, 02:00. Users, rules and decisions are copied up to 24 Nov, 14:00.<"
        in page()
    )


def test_what_is_wrong_is_said_without_anything_that_is_in_it(see, visitor, page):
    see(
        broken="Backup 3 (nightly) is damaged: reports, bucket 7: document 'other/1/sales' is not the one that was copied."
    )
    answer = visitor.get("/health/backups")
    assert (answer.status_code, answer.json["status"]) == (503, "broken")
    assert "Whoever runs the platform has been told" in page()
    assert "other/1" not in page() + answer.get_data(as_text=True)


def test_an_old_look_says_nothing_of_now(see, visitor, page):
    see(at=NOW - timedelta(minutes=21))
    assert (visitor.get("/health/backups").status_code, visitor.get("/health/backups").json["status"]) == (
        503,
        "unknown",
    )
    assert "not known at the moment" in page()


def test_before_the_first(see, visitor, page):
    assert visitor.get("/health/backups").json["status"] == "unknown"
    assert "no proven copy yet" in page()
    see(until=None)
    assert (visitor.get("/health/backups").status_code, visitor.get("/health/backups").json["until"]) == (200, None)
    assert "no proven copy yet" in page()
