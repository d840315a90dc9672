"""What the ledger is asked every second must not cost more with each batch that there ever was."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import BatchState, Collection, DagId, Topic
from footfall_airflow.ledger import Ledger, open_since_of, position_of
from footfall_airflow.maintaining import is_night_due, waiting_files

BATCHES, MOST_READ = 2_000, 40
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def filled(database):
    """A ledger of finished batches, as a week leaves it."""
    entries = [
        {
            "_id": number,
            "dag": str(DagId.PROCESS_EVENTS),
            "state": str(BatchState.ANNOUNCED),
            "run": f"run-{number}",
            "runs": [f"run-{number}"],
            "lease": {"run": f"run-{number}", "until": NOW - timedelta(days=1)},
            "planned_at": NOW - timedelta(days=2) + timedelta(seconds=number),
            "taken_at": NOW - timedelta(days=2) + timedelta(seconds=number),
            "topic": str(Topic.EVENTS),
            "topic_id": "t",
            "previous": number - 1,
            "ends": {"0": number},
            "hours": [NOW],
            "watermark": NOW,
            "compacted_at": NOW,
        }
        for number in range(1, BATCHES + 1)
    ]
    database[Collection.BATCHES].insert_many(entries)
    return database


def documents_read(database, question):
    """How many documents the server looked at for it."""
    database.command("profile", 2)
    try:
        question()
    finally:
        database.command("profile", 0)
    looked = list(database["system.profile"].find({"ns": f"{database.name}.{Collection.BATCHES}"}))
    assert looked, "nothing was asked"
    database.drop_collection("system.profile")
    return sum(max(one.get("docsExamined", 0), one.get("keysExamined", 0)) for one in looked)


def test_every_question_reads_few_entries(filled):
    ledger = Ledger(filled, DagId.PROCESS_EVENTS, lease_seconds=60)
    questions = {
        "standing": lambda: ledger.standing(NOW),
        "entry of a run": lambda: ledger.entry_of("run-7"),
        "newest": ledger.newest,
        "turn of a half": ledger.is_turn_of_a_half,
        "watermark": lambda: ledger.watermark(Topic.EVENTS),
        "release": lambda: ledger.release("run-7", NOW, is_failed=True),
        "open since": lambda: open_since_of(filled, DagId.PROCESS_EVENTS),
        "position": lambda: position_of(filled, Topic.EVENTS),
        "waiting files": lambda: waiting_files(filled),
        "is night due": lambda: is_night_due(filled, NOW),
    }
    read = {name: documents_read(filled, question) for name, question in questions.items()}
    assert {name: count for name, count in read.items() if count > MOST_READ} == {}
