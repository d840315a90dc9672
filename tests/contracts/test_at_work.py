"""Which entries of the ledger hold up whoever waits until everything is done."""

import pytest

from contracts.ledger import AT_WORK
from contracts.names import BatchState, Collection, DagId
from tests.databases import own_database


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"dag": DagId.PROCESS_EVENTS, "state": BatchState.REPORTED}, 1),
        ({"dag": DagId.PROCESS_EVENTS, "state": BatchState.ANNOUNCED}, 0),
        ({"dag": DagId.PROCESS_EVENTS, "state": BatchState.SET_ASIDE}, 1),
        ({"dag": DagId.PROCESS_EVENTS, "state": BatchState.SET_ASIDE, "halved_at": True}, 0),
        ({"dag": DagId.BUILD_DAY_REPORTS, "state": BatchState.PLANNED}, 1),
        ({"dag": DagId.REHEARSE_REPAIRS, "state": BatchState.REPORTED}, 0),
    ],
    ids=["its run goes on", "done", "not halved yet", "halved", "days", "a rehearsal"],
)
def test_at_work(mongo, entry, expected):
    with own_database(mongo, "at-work") as database:
        database[Collection.BATCHES].insert_one(entry)
        assert database[Collection.BATCHES].count_documents(dict(AT_WORK)) == expected
