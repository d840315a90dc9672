"""Reports that could not be rebuilt, as watch_promises tells of them."""

from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException

from contracts.promises import CheckName, PromiseState
from footfall_airflow import promise_tasks
from footfall_airflow.failed_rebuilds import look_at_rebuilds

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def ticket(database):
    def do(day="2026-11-20", state="failed", failure="attempts", scopes=None):
        content = {"merchant": "amber", "group": "day", "day": day, "scopes": scopes or [day], "kind": "damaged"}
        id_ = f"amber/1/day/{day}"
        known = {"state": state, "failure": failure, "attempts": 3, "changed_at": NOW}
        database.tickets.update_one({"_id": id_}, {"$set": content | known}, upsert=True)
        return id_

    return do


def test_what_failed_is_broken_and_says_what_to_do(database, ticket):
    id_ = ticket(scopes=["2026-11-20T10:00Z"])
    ticket("2026-11-21", state="ready", failure=None)
    ticket("2026-11-22", failure="frozen")
    (look,) = look_at_rebuilds(database).values()
    assert look.state == PromiseState.BROKEN
    assert all(word in look.sentence for word in ("amber", "2026-11-20T10:00Z", "rebuild_reports"))
    assert look_at_rebuilds(database).keys() == {id_}


def test_the_task_is_red_until_the_report_is_there(environment, database, ticket):
    id_ = ticket()
    with pytest.raises(AirflowFailException, match="not rebuilt after 3 attempts"):
        promise_tasks.check_rebuilds.function()
    ticket(state="ready", failure=None)
    promise_tasks.check_rebuilds.function()
    found = database.promises.find_one({"_id": f"{CheckName.REBUILDS}/{id_}"})
    assert found["state"] == PromiseState.MENDED
