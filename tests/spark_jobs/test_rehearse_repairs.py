"""A rehearsal against the replay that follows it: the differences that it foretells are those that come, and it changes nothing."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DagId, Topic
from contracts.rehearsals import MEASURES, rehearsal_id
from contracts.reports import Family
from contracts.settings import Settings
from contracts.zones import hour_of_key, local_date
from footfall_airflow.floods import Room
from footfall_airflow.offsets import Broker
from footfall_airflow.replaying import replay
from footfall_airflow.reprocessing import reprocess
from footfall_airflow.sending import Sender
from repairs.shop_rules import read_rule
from spark_jobs.archive import current_snapshot
from spark_jobs.attempts import Attempt
from spark_jobs.ledger import take
from spark_jobs.rehearse_repairs.job import work
from spark_jobs.rehearse_repairs.replayed_messages import replayed_messages
from tests.road.shops import message
from tests.spark_jobs.jobs import Jobs, ends, jobs_on

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
NEXT_DAY = NOON + timedelta(days=1)
SET = {"action": "set_field", "field": "properties.revenue", "to": "40"}
MAP = {"action": "map_field", "field": "properties.amount", "to": "properties.revenue"}
DROP = {"action": "drop", "field": "", "to": ""}
CHANGED_BY_THE_ROAD = (
    Collection.REPORTS,
    Collection.CALENDAR,
    Collection.ORDERS,
    Collection.DUE_SCOPES,
    Collection.ASSIGNED_TIMES,
    Collection.FAILED_EVENTS,
    Collection.REPAIR_RULES,
)


def ordered(order_id, at=NOON, revenue="a lot", **more):
    return message("Order Completed", at, order_id=order_id, revenue=revenue, **more)


GOOD = ordered("copied", revenue=40)
WRONG_CLOCK = {"sentAt": (NOON + timedelta(hours=1)).isoformat().replace("+00:00", "Z")}
BAD = [
    ordered("plain"),
    ordered("refunded"),
    ordered("repaired", NEXT_DAY, tax=2),
    ordered("abroad", NEXT_DAY, currency="USD"),
    ordered("late clock") | WRONG_CLOCK,
    ordered("still bad", tax="?"),
    GOOD | {"properties": {"order_id": "copied", "revenue": "a lot"}},
]
REFUND = message("Order Refunded", NEXT_DAY + timedelta(hours=2), order_id="refunded", total="1000", tax=0)


class Rehearsals(Jobs):
    """Jobs with the parts of reprocess_errors that they need."""

    def file_errors(self):
        ranges = {int(partition): (0, end) for partition, end in ends(self.settings, Topic.ERRORS).items()}
        messages = Broker(self.settings.kafka_bootstrap).messages(Topic.ERRORS, ranges)
        reprocess(self.database, self.sender, messages, "errors", Room(self.database, 1_000), datetime.now(UTC))

    def replay(self, shop, rule):
        order = {"number": f"{self.cause(shop)}/1", "state": "asked"}
        document = {"_id": self.cause(shop), "merchant": shop.merchant, "rule": rule, "is_active": True}
        self.database[Collection.REPAIR_RULES].insert_one(document | {"replay": order})
        replay(self.database, self.sender, datetime.now(UTC))
        self.batch()

    @property
    def sender(self):
        return Sender(self.settings.kafka_bootstrap, 15)

    def cause(self, shop):
        [cause] = self.database[Collection.FAILED_EVENTS].distinct("cause", {"merchant": shop.merchant})
        return cause

    def ask(self, shop, rule, **overrides):
        id_ = rehearsal_id(self.cause(shop), rule)
        base = {"_id": id_, "merchant": shop.merchant, "cause": self.cause(shop), "rule": rule, "state": "requested"}
        asked = {"asked_at": datetime.now(UTC), "attempts": 0, "result": None}
        self.database[Collection.REHEARSALS].insert_one(base | asked | overrides)
        return id_

    def round(self):
        self.last += 1
        entry = {"_id": f"rehearsals-{self.last}", "dag": str(DagId.REHEARSE_REPAIRS), "state": "planned", "attempt": 0}
        self.database[Collection.BATCHES].insert_one(entry)
        work(Attempt(self.spark, self.database, self.settings, take(self.database, entry["_id"], "run")))

    def rehearsal(self, id_):
        return self.database[Collection.REHEARSALS].find_one({"_id": id_})

    def standing(self):
        """Everything that the main road writes, and the archive's state."""
        documents = {name: list(self.database[name].find().sort("_id", 1)) for name in CHANGED_BY_THE_ROAD}
        return documents | {"snapshot": current_snapshot(self.spark)}


def day_of(key):
    return local_date("Europe/Berlin", hour_of_key(key)).isoformat()


def net(amounts):
    return amounts["sales"] - amounts["refunds"] - amounts["cancelled"]


def totals(shop):
    """(day, measure) -> sum over its hours, from the reports as they stand."""
    found = Counter()
    for key, content in shop.hours(Family.SALES).items():
        converted = content["converted"]
        amounts = {name: converted[name] for name in ("sales", "refunds", "cancelled")} | {"net": net(converted)}
        found.update({(day_of(key), name): value for name, value in (amounts | {"orders": content["orders"]}).items()})
        found.update({(day_of(key), code): net(own) for code, own in content["unconverted"].items()})
    for key, content in shop.hours(Family.TRAFFIC).items():
        found.update({(day_of(key), name): content[name] for name in ("page_views", "events")})
    return found


def foretold(result):
    found = {(day["day"], name): day[name] for day in result["days"] for name in MEASURES}
    return found | {(day["day"], code): net_ for day in result["days"] for code, net_ in day["without_rate"].items()}


class Story:
    """What happened before the tests look: rehearsals of four rules, then the replay of one of them."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.shop = jobs.shop("amber")
        self.shop.send([GOOD, message(None, NOON), REFUND])
        self.shop.send(BAD)
        jobs.batch()
        jobs.file_errors()
        ids = {name: jobs.ask(self.shop, rule) for name, rule in (("set", SET), ("map", MAP), ("drop", DROP))}
        ids["spent"] = jobs.ask(self.shop, SET | {"to": "41"}, state="running", attempts=3)
        self.before = jobs.standing()
        jobs.round()
        self.after = jobs.standing()
        self.rehearsals = {name: jobs.rehearsal(id_) for name, id_ in ids.items()}
        self.sample = replayed_messages(jobs.database, self.rehearsals["set"], read_rule(SET), most=2)
        numbers = totals(self.shop)
        jobs.replay(self.shop, SET)
        self.changed = Counter(totals(self.shop))
        self.changed.subtract(numbers)


@pytest.fixture(scope="module")
def story(spark, mongo, kafka_broker):
    with jobs_on(spark, mongo, Settings(kafka_bootstrap=kafka_broker), Rehearsals) as jobs:
        yield Story(jobs)


def test_what_is_foretold_is_what_the_replay_changes(story):
    result = story.rehearsals["set"]["result"]
    changed = {key: value for key, value in story.changed.items() if value}
    assert {key: value for key, value in foretold(result).items() if value} == changed
    assert (day_of(NOON.strftime("%Y-%m-%dT%H:%MZ")), "orders") in changed


def test_the_differences_are_those_of_the_messages(story):
    """Without its order the refund counted whole; with it, no more than the order's goods."""
    first, second = (local_date("Europe/Berlin", at).isoformat() for at in (NOON, NEXT_DAY))
    result = story.rehearsals["set"]["result"]
    days = {day["day"]: day for day in result["days"]}
    assert (days[first]["orders"], days[first]["sales"], days[first]["events"]) == (2, 8_000, 2)
    assert (days[second]["orders"], days[second]["sales"], days[second]["refunds"]) == (2, 4_000, -96_000)
    assert days[second]["without_rate"] == {"USD": 4_000}
    assert result["currency"] == "EUR"


def test_a_rehearsal_changes_nothing(story):
    assert story.after == story.before
    assert story.after["snapshot"] is not None and story.after[Collection.ORDERS]


def test_what_becomes_of_the_messages_is_foretold(story):
    messages = story.rehearsals["set"]["result"]["messages"]
    assert messages == {
        "waiting": 7, "looked_at": 7, "counted": 5, "copies": 1, "bots": 0, "rejected": {"bad_amount": 1}, "unfit": 0,
        "dropped": 0,
    }  # fmt: skip
    failed = story.jobs.database[Collection.FAILED_EVENTS].find({"merchant": "amber"})
    assert Counter(one["status"] for one in failed) == {"repaired": 6, "repairing": 1}


def test_a_rule_that_fits_nothing_and_one_that_drops_change_no_number(story):
    unfit, dropped = (story.rehearsals[name]["result"] for name in ("map", "drop"))
    assert (unfit["messages"]["unfit"], unfit["days"]) == (7, [])
    assert (dropped["messages"]["dropped"], dropped["days"]) == (7, [])


def test_of_many_messages_the_newest_are_looked_at(story):
    assert (story.sample.waiting, story.sample.looked_at, len(story.sample.values)) == (7, 2, 2)


def test_a_rehearsal_that_had_its_attempts_fails(story):
    assert (story.rehearsals["spent"]["state"], story.rehearsals["spent"]["result"]) == ("failed", None)
    assert [story.rehearsals[name]["state"] for name in ("set", "map", "drop")] == ["ready"] * 3
