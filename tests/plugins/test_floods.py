"""A flood of one cause keeps counts and a sample."""

from datetime import timedelta

from footfall_airflow import replaying
from tests.plugins.errors import HOPELESS, NOW, accept, error


class TestFlood:
    """Of one cause two are kept whole here."""

    @staticmethod
    def hopeless(numbers, **overrides):
        return [error(HOPELESS, error_id=f"0193-{n}", offset=n, **overrides) for n in numbers]

    def test_beyond_the_limit_messages_are_counted_by_hour(self, run, database):
        later = {"event_hour": "2026-11-25T12:00Z", "received_at": "2026-11-25T12:01:00.000Z"}
        run(*self.hopeless(range(5)), *self.hopeless(range(5, 7), **later), most=2)
        assert database.failed_events.count_documents({"is_slim": False, "status": "parked"}) == 2
        (counted,) = database.error_causes.find()
        assert counted["hours"] == [
            {"hour": "2026-11-25T11:00Z", "waiting": 3, "dropped": 0},
            {"hour": "2026-11-25T12:00Z", "waiting": 2, "dropped": 0},
        ]
        assert (counted["first_seen"], counted["last_seen"]) == ("2026-11-25T11:59:00.000Z", later["received_at"])
        assert (counted["merchant"], counted["code"], counted["event"]) == ("chai", "bad_amount", "Order Completed")

    def test_published_twice_they_are_counted_once_whatever_room_there_is(self, run, database):
        run(*self.hopeless(range(5)), most=2)
        run(*self.hopeless(range(3, 6)), most=2)
        run(again=True, most=10)
        assert database.failed_events.count_documents({}) == 2
        assert [hour["waiting"] for one in database.error_causes.find() for hour in one["hours"]] == [4]

    def test_every_batch_and_cause_has_its_own_count(self, run, database):
        run(*self.hopeless(range(3)), *self.hopeless(range(3, 5), batch=4), *self.hopeless([9], merchant="b"), most=1)
        found = {(one["merchant"], one["batch"]): one["hours"][0]["waiting"] for one in database.error_causes.find()}
        assert found == {("chai", 3): 2, ("chai", 4): 2}

    def test_what_a_rule_repairs_is_repaired_and_kept_without_its_bytes(self, run, inbox, database, events):
        run(*[error(error_id=f"0193-{n}", offset=n) for n in range(4)], most=2)
        assert len(events()) == 4
        assert database.failed_events.count_documents({"status": "repairing"}) == 4
        slim = list(database.failed_events.find({"is_slim": True}))
        assert len(slim) == 2
        assert all("original" not in one and "envelope" not in one for one in slim)
        assert database.error_causes.count_documents({}) == 0

    def test_what_is_repaired_makes_room_and_the_oldest_lose_their_bytes(self, run, database, events):
        repairable = [error(error_id=f"0193-{n}", offset=n) for n in range(4)]
        run(*repairable[:2], most=2)
        for n in range(2):
            accept(database, f"0193-{n}")
        run(*repairable[2:], most=2, at=NOW + timedelta(minutes=1))
        whole = {one["_id"] for one in database.failed_events.find({"is_slim": False})}
        assert whole == {"0193-2", "0193-3"}
        assert "message" not in database.failed_events.find_one({"_id": "0193-0"})["attempts"][0]

    def test_dropping_a_cause_drops_what_was_counted(self, run, database, inbox, make_rule):
        run(*self.hopeless(range(5)), most=2)
        make_rule(inbox("0193-0")["cause"], {"action": "drop"})
        assert run(*self.hopeless([7]), most=2).endswith("replayed 5")
        assert [hour["dropped"] for one in database.error_causes.find() for hour in one["hours"]] == [4]
        assert database.failed_events.count_documents({"status": "dropped"}) == 2
        assert replaying.has_replays(database) is False
