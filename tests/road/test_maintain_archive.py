"""The archive's upkeep through Airflow, on a stack with reports."""

from datetime import timedelta

import pytest

from contracts.ledger import DONE
from contracts.names import Collection, DagId
from tests.road.test_backups import run

pytestmark = pytest.mark.stack


@pytest.mark.long
def test_a_night_of_upkeep_changes_files_and_no_number(road, first_wave):
    batches = road.database[Collection.BATCHES]
    of_events = {"dag": DagId.PROCESS_EVENTS, "state": {"$in": list(DONE)}}
    # as if it had been there before three o'clock
    oldest = batches.find_one(of_events, sort=[("_id", 1)])
    night_before = {"$set": {"planned_at": oldest["planned_at"] - timedelta(days=2)}}
    batches.update_one({"_id": oldest["_id"]}, night_before)
    tasks = ["plan_maintenance", "compact", "verify_counts"]
    assert run(road, DagId.MAINTAIN_ARCHIVE) == dict.fromkeys(tasks, "success")
    round_ = batches.find_one({"dag": DagId.MAINTAIN_ARCHIVE, "state": "committed"}, sort=[("planned_at", -1)])
    upkeep = round_["upkeep"]
    assert round_["is_long"] and upkeep["mismatches"] == []
    assert upkeep["rows_before"] == upkeep["rows_after"]
    assert upkeep["files_after"] <= upkeep["files_before"]
    assert batches.count_documents({**of_events, "compacted_at": None, "_id": {"$lte": oldest["_id"]}}) == 0
    # the night is done, and few files wait
    assert run(road, DagId.MAINTAIN_ARCHIVE) == dict.fromkeys(tasks, "skipped")
