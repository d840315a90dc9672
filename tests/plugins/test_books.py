"""The books of what changed: work in proportion, and the merchant and hour that do not add up by name."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.promises import CheckName, PromiseState
from footfall_airflow.books import look_at_books
from footfall_airflow.promises import judge

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
TEN = "2026-11-24T10:00Z"


@pytest.fixture
def hour(database):
    """Replaces the quality report of an hour, by a batch of its own."""
    numbers = iter(range(1, 100))

    def do(merchant="chai", rejected=0, accepted=2, at=NOW, missing=0, key=TEN):
        report = f"{merchant}/1/quality/{key[:10]}"
        shop = {"name": merchant, "time_zone": "UTC", "currency": "EUR", "settings_version": 1}
        database.merchants.update_one({"_id": merchant}, {"$set": shop}, upsert=True)
        counts = {"received": accepted + rejected + missing, "accepted": accepted, "rejected": rejected}
        stored = {"content": counts, "receipt": {"computed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}}
        head = {"merchant": merchant, "family": "quality", "day": key[:10]}
        database.reports.update_one({"_id": report}, {"$set": head | {f"hours.{key}": stored}}, upsert=True)
        number = next(numbers)
        entry = {"dag": "process_events", "topic": "footfall.events.v1", "previous": number - 1, "run": "r"}
        touched = [{"merchant": merchant, "reports": [f"{merchant}/1/traffic/2026-11-24", report]}]
        database.batches.insert_one(
            {"_id": number, **entry, "state": "announced", "reported_at": at, "touched": touched}
        )

    return do


@pytest.fixture
def file(database):
    """Files messages of the hour, and says that everything until `until` is filed."""

    def do(count, until, merchant="chai"):
        error = {"merchant": merchant, "event_hour": TEN, "status": "waiting", "code": "bad_id", "filed_at": NOW}
        database.failed_events.insert_many([error | {"place": {}} for _ in range(count)]) if count else None
        mark = {"$set": {"caught_up_at": until}}
        database.platform.update_one({"_id": "watermark_of_errors"}, mark, upsert=True)

    return do


def states(looks):
    return {subject: look.state for subject, look in looks.items() if look.state}


def test_books_that_add_up_are_silent(hour, file, database):
    hour(rejected=1)
    file(1, NOW)
    looks = look_at_books(database, NOW)
    assert len(looks) == 24 and states(looks) == {}


def test_the_merchant_and_the_hour_are_named(hour, file, database):
    hour(rejected=3)
    hour("lamps", missing=1)
    file(1, NOW + timedelta(minutes=1))
    looks = look_at_books(database, NOW)
    assert states(looks) == {f"chai/{TEN}": PromiseState.BROKEN, f"lamps/{TEN}": PromiseState.BROKEN}
    sentences = [looks[f"{merchant}/{TEN}"].sentence for merchant in ("chai", "lamps")]
    assert sentences == [
        f"Books of chai, hour {TEN}: 2 messages are not accounted for.",
        f"Books of lamps, hour {TEN}: 1 message is not accounted for.",
    ]


def test_errors_on_their_way_are_waited_for_and_looked_at_again(hour, file, database):
    hour(rejected=1)
    file(0, NOW - timedelta(minutes=1))
    looks = look_at_books(database, NOW)
    assert states(looks) == {f"chai/{TEN}": PromiseState.AWAITED}
    judge(database, CheckName.BOOKS, looks, NOW)
    hour("later", at=NOW + timedelta(hours=1))
    file(0, NOW + timedelta(minutes=1))
    assert states(look_at_books(database, NOW)) == {f"chai/{TEN}": PromiseState.BROKEN}


def test_only_what_changed_is_looked_at(hour, file, database):
    hour("old", at=NOW - timedelta(hours=2), missing=1)
    hour("new")
    assert {subject.split("/")[0] for subject in look_at_books(database, NOW)} == {"old", "new"}
    hour("newer", at=NOW + timedelta(minutes=3))
    looks = look_at_books(database, NOW)
    assert {subject.split("/")[0] for subject in looks} == {"new", "newer"}


def test_errors_of_a_batch_at_work_are_not_too_many(hour, file, database):
    hour()
    file(1, NOW)
    entry = {"_id": 500, "dag": "process_events", "run": "r", "hours": [datetime(2026, 11, 24, 10, tzinfo=UTC)]}
    database.batches.insert_one(entry | {"state": "archived"})
    assert states(look_at_books(database, NOW)) == {f"chai/{TEN}": PromiseState.AWAITED}
    database.batches.update_one({"_id": 500}, {"$set": {"state": "committed"}})
    assert states(look_at_books(database, NOW)) == {f"chai/{TEN}": PromiseState.BROKEN}


def test_errors_of_a_batch_that_is_taken_apart_are_not_too_many(hour, file, database):
    hour()
    file(1, NOW)
    whole = {"_id": 500, "state": "set_aside", "halved_at": NOW, "hours": [datetime(2026, 11, 24, 10, tzinfo=UTC)]}
    half = {"_id": 501, "state": "planned", "parent": 500, "root": 500}
    database.batches.insert_many([{"dag": "process_events", "run": "r", **one} for one in (whole, half)])
    assert states(look_at_books(database, NOW)) == {f"chai/{TEN}": PromiseState.AWAITED}
    database.batches.update_one({"_id": 501}, {"$set": {"state": "announced"}})
    assert states(look_at_books(database, NOW)) == {f"chai/{TEN}": PromiseState.BROKEN}


def test_an_open_hour_of_a_merchant_that_is_gone_mends(hour, database):
    hour(missing=1)
    judge(database, CheckName.BOOKS, look_at_books(database, NOW), NOW)
    database.merchants.delete_many({})
    assert judge(database, CheckName.BOOKS, look_at_books(database, NOW), NOW).count == 0
