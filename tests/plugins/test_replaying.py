"""Rules and replays that people ask for."""

import json

import pytest

from contracts.names import Topic
from footfall_airflow import reprocessing
from footfall_airflow.inbox_work import other_work
from footfall_airflow.sending import Undelivered
from tests.plugins.errors import HOPELESS, NOW, error

SET = {"action": "set_field", "field": "properties.revenue", "to": "5"}


class TestShopRules:
    @pytest.fixture
    def parked(self, run, inbox):
        run(*[error(HOPELESS, error_id=f"0193-{n}", offset=n) for n in range(3)])
        return inbox("0193-0")["cause"]

    def test_a_replay_sends_a_causes_messages_through_its_rule(self, run, inbox, database, events, make_rule, parked):
        make_rule(parked, SET)
        assert other_work(database, Topic.ERRORS)(NOW)
        assert run().endswith("replayed 3")
        assert sorted(copy["envelope_id"] for copy in events()) == [f"0193-{n}/r1" for n in range(3)]
        assert all(json.loads(copy["message"])["properties"]["revenue"] == "5" for copy in events())
        assert {inbox(f"0193-{n}")["status"] for n in range(3)} == {"repairing"}
        order = database.repair_rules.find_one()["replay"]
        assert (order["state"], order["sent"], order["unfit"], order["done_at"]) == ("done", 3, 0, NOW)
        assert not other_work(database, Topic.ERRORS)(NOW)

    def test_a_replay_that_died_goes_on_with_the_same_ids(self, run, database, events, make_rule, parked, monkeypatch):
        make_rule(parked, SET)

        def die(*arguments):
            raise Undelivered("the end")

        with monkeypatch.context() as broken:
            broken.setattr(reprocessing, "note_sent", die)
            with pytest.raises(Undelivered):
                run()
        run()
        assert sorted(copy["envelope_id"] for copy in events()) == sorted(
            f"0193-{n}/r1" for n in range(3) for _ in "ab"
        )
        assert database.repair_rules.find_one()["replay"]["sent"] == 3

    def test_messages_that_the_rule_does_not_fit_stay(self, run, inbox, database, events, make_rule, parked):
        make_rule(parked, {"action": "map_field", "field": "properties.amount", "to": "properties.revenue"})
        run()
        assert events() == []
        assert inbox("0193-1")["status"] == "parked"
        assert database.repair_rules.find_one()["replay"]["unfit"] == 3

    def test_without_a_rule_they_are_sent_as_they_are(self, run, events, make_rule, parked):
        make_rule(parked, None)
        run()
        assert [json.loads(copy["message"]) for copy in events()] == [HOPELESS] * 3

    def test_a_rule_meets_what_comes_later(self, run, inbox, events, make_rule, parked):
        make_rule(parked, SET, ask=False)
        run(error(HOPELESS, error_id="0193-new", offset=9))
        assert inbox("0193-new")["attempts"][0]["rule"] == "shop_rule"
        assert [copy["envelope_id"] for copy in events()] == ["0193-new/r1"]
        assert inbox("0193-0")["status"] == "parked"

    def test_a_rule_that_did_not_help_is_not_tried_again(self, run, inbox, events, make_rule, parked):
        make_rule(parked, SET | {"to": "lots"})
        run()
        run(error(HOPELESS | {"properties": {"order_id": "1", "revenue": "lots"}}, error_id="0193-0/r1"))
        assert inbox("0193-0")["status"] == "parked"
        assert len(events()) == 3

    def test_what_is_dropped_is_never_sent(self, run, inbox, events, make_rule, parked):
        make_rule(parked, {"action": "drop"})
        run(error(HOPELESS, error_id="0193-new", offset=9))
        assert {inbox(f"0193-{n}")["status"] for n in (0, 1, 2, "new")} == {"dropped"}
        assert events() == []

    def test_a_dropped_message_stays_dropped(self, run, inbox, make_rule, parked):
        make_rule(parked, {"action": "drop"})
        run()
        make_rule(parked, SET)
        assert run(again=True).endswith("replayed 0")
        assert inbox("0193-0")["status"] == "dropped"

    def test_a_replay_after_three_attempts_is_the_fourth(self, run, inbox, make_rule):
        run(error(HOPELESS, error_id="0193-a/r3"))
        make_rule(inbox()["cause"], SET)
        run()
        assert (inbox()["attempt"], inbox()["attempts"][3]["order"]) == (4, f"{inbox()['cause']}/1")
