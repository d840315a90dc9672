"""What waits for a shop that is created later."""

import json
from datetime import timedelta

from contracts.names import Topic
from footfall_airflow import retrying
from footfall_airflow.inbox_work import other_work
from tests.plugins.errors import BAD_ORDER, NOW, error


class TestUnknownShop:
    """A shop that was created later."""

    VALUE = error(code="unknown_merchant", field=None)

    def test_it_is_looked_for_with_growing_pauses_and_then_parked(self, run, inbox, database, events):
        run(self.VALUE)
        looks = []
        at = NOW
        while inbox()["next_attempt_at"] is not None:
            looks.append((inbox()["next_attempt_at"] - at).total_seconds())
            at = inbox()["next_attempt_at"]
            assert not other_work(database, Topic.ERRORS)(at - timedelta(seconds=1))
            assert other_work(database, Topic.ERRORS)(at)
            run(at=at)
        assert looks == [60, 600, 3_600]
        assert inbox()["status"] == "parked"
        assert events() == []
        run(again=True, at=at + timedelta(hours=2))
        assert inbox()["status"] == "parked"

    def test_once_it_is_there_the_message_is_sent_as_it_was(self, run, inbox, database, events):
        run(self.VALUE)
        database.merchants.insert_one({"_id": "chai", "name": "Chai", "time_zone": "UTC", "currency": "EUR"})
        assert run(at=NOW + timedelta(seconds=59)).endswith("retried 0, replayed 0")
        assert run(at=NOW + timedelta(seconds=60)).endswith("retried 1, replayed 0")
        assert (inbox()["status"], inbox()["attempt"]) == ("repairing", 1)
        (copy,) = events()
        assert (copy["envelope_id"], json.loads(copy["message"])) == ("0193-a/r1", BAD_ORDER)
        assert not retrying.has_due_retries(database, NOW + timedelta(days=1))
