"""Promises on the health page: by check, without a shop's name."""

from contracts.names import Collection
from contracts.promises import STALE
from tests.report_app.promised import look_at_all, promise


def test_kept_promises(visitor, database):
    look_at_all(database)
    database[Collection.PROMISES].insert_many([promise("a", "awaited"), promise("b", "mended")])
    answer = visitor.get("/health/promises")
    assert (answer.status_code, answer.json) == (200, {"status": "kept", "promises": {}})


def test_broken_promises_are_counted_and_no_shop_is_named(visitor, database):
    look_at_all(database)
    database[Collection.PROMISES].insert_many([promise(f"nordlicht/{n}", "broken") for n in range(3)])
    answer = visitor.get("/health/promises")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "broken",
        "promises": {"books": {"broken": 3, "since": "2026-11-24T11:32:48Z"}},
    }


def test_where_nobody_looks_nothing_is_known(visitor, database):
    unknown = (503, {"status": "unknown", "promises": {}})
    answer = visitor.get("/health/promises")
    assert (answer.status_code, answer.json) == unknown
    look_at_all(database, minutes=STALE.total_seconds() / 60 + 1)
    answer = visitor.get("/health/promises")
    assert (answer.status_code, answer.json) == unknown
    look_at_all(database)
    database[Collection.LOOKS].delete_one({"_id": "disk"})
    assert visitor.get("/health/promises").json["status"] == "unknown"
