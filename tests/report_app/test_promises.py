"""Broken promises on the health page: by check, without a shop's name."""

from contracts.names import Collection
from tests.report_app.documents import NOW


def promise(subject, state, check="books"):
    return {"_id": f"{check}/{subject}", "check": check, "state": state, "sentence": subject, "since": NOW}


def test_kept_promises(visitor, database):
    database[Collection.PROMISES].insert_many([promise("a", "awaited"), promise("b", "mended")])
    answer = visitor.get("/health/promises")
    assert (answer.status_code, answer.json) == (200, {"status": "kept", "promises": {}})


def test_broken_promises_are_counted_and_no_shop_is_named(visitor, database):
    database[Collection.PROMISES].insert_many([promise(f"nordlicht/{n}", "broken") for n in range(3)])
    answer = visitor.get("/health/promises")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "broken",
        "promises": {"books": {"broken": 3, "since": "2026-11-24T13:32:48Z"}},
    }
