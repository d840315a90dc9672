"""What cannot stay as it was restored."""

from datetime import UTC, datetime

from contracts.backups import RESTORING
from contracts.names import Collection
from stack import taking_on
from tests.databases import own_database

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_people_are_forgotten_once_more(mongo):
    with own_database(mongo, "restored") as database:
        states = ("ordered", "found", "erasing", "erased", "done", "cancelled")
        erasures = database[RESTORING + Collection.ERASURES]
        known = {"after": 7, "not_before": NOW, "with_export": True, "cleared": {"copy": NOW}}
        erasures.insert_many([{"_id": state, "state": state} | known for state in states])
        taking_on._forget_again(database)
        found = {one["_id"]: one for one in erasures.find()}
        assert [found[state]["state"] for state in states] == [
            "ordered", "found", "erasing", "erasing", "erasing", "cancelled"
        ]  # fmt: skip
        assert {one["after"] for one in found.values()} == {None} == {one["not_before"] for one in found.values()}
        assert found["done"]["cleared"] == {} and not found["done"]["with_export"]
        assert found["ordered"]["with_export"]
        assert [state for state in states if "opened_again_at" in found[state]] == ["erased", "done"]
