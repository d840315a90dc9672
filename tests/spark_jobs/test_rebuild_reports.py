"""Reports damaged in every way are computed again from the archive, whatever else stands in the topic."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.messages import json_bytes
from contracts.names import Collection, DagId, DueGroup, Topic
from contracts.reports import Family, report_id
from contracts.settings import Settings
from contracts.zones import local_date
from spark_jobs.archive import current_snapshot
from spark_jobs.computing import Computing
from spark_jobs.due_scopes import DueScope, Scope, make_due, read_due
from spark_jobs.failures import StaleAttempt
from spark_jobs.ledger import take
from spark_jobs.process_events.archiving import archive_batch
from spark_jobs.process_events.job import compute_hours, merge_orders
from spark_jobs.rebuild_reports.job import rebuild, wanted_of
from spark_jobs.report_documents import Computation
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message
from tests.road.test_closed_loop import good_messages
from tests.spark_jobs.jobs import Jobs, jobs_on
from tests.spark_jobs.rules.test_requests import request

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = local_date("Europe/Berlin", NOON).isoformat()
HOURS = [(NOON + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%MZ") for n in range(5)]
SCOPES = [{"group": "hour", "key": key} for key in HOURS] + [{"group": "day", "key": DAY}]
ODD = (
    None,
    b"\xff not JSON",
    b"x" * (1024 * 1024 + 1),
    json_bytes(request(merchant="nobody")),
    json_bytes(request(settings_version=9)),
    json_bytes(request(scopes=[{"group": "hour", "key": "2039-01-01T00:00Z"}, {"group": "day", "key": "2039-01-01"}])),
)


class Rebuilds(Jobs):
    """Jobs that rebuild, too: requests go into a topic of one partition."""

    read = 0

    def request(self, *values):
        producer = Producer({"bootstrap.servers": self.settings.kafka_bootstrap, "message.max.bytes": 2_000_000})
        for value in values:
            producer.produce(Topic.REPORT_REQUESTS, value)
        assert producer.flush(20) == 0
        self.last += 1
        self.read, ranges = self.read + len(values), {"0": [self.read, self.read + len(values)]}
        entry = {"_id": self.last, "dag": str(DagId.REBUILD_REPORTS), "topic": str(Topic.REPORT_REQUESTS)}
        self.database[Collection.BATCHES].insert_one(entry | {"state": "planned", "attempt": 0, "ranges": ranges})
        return self.last

    def rebuild(self, number):
        entry = take(self.database, number, f"run-{number}")
        wanted = wanted_of(self.spark, self.database, entry, self.settings.kafka_bootstrap)
        entry.note_reported(rebuild(self.spark, self.database, entry, wanted), 1.0)
        self.commit(number)

    def open_tickets(self, shop, **overrides):
        for group in DueGroup:
            ticket = {"_id": f"{shop.merchant}/1/{group}/{DAY}", "state": "requested", "attempts": 0, "failure": None}
            self.database[Collection.TICKETS].replace_one({"_id": ticket["_id"]}, ticket | overrides, upsert=True)

    def tickets(self, shop, field="state"):
        found = self.database[Collection.TICKETS].find({"_id": {"$regex": f"^{shop.merchant}/"}})
        return {ticket["_id"].split("/")[2]: ticket[field] for ticket in found}


@pytest.fixture(scope="module")
def jobs(spark, mongo, kafka_broker):
    admin = AdminClient({"bootstrap.servers": kafka_broker})
    options = {"max.message.bytes": "2000000"}
    for made in admin.create_topics([NewTopic(Topic.REPORT_REQUESTS, 1, 1, config=options)]).values():
        made.result(20)
    with jobs_on(spark, mongo, Settings(kafka_bootstrap=kafka_broker), Rebuilds) as jobs:
        yield jobs
    for gone in admin.delete_topics([Topic.REPORT_REQUESTS]).values():
        gone.result(20)


@pytest.fixture(scope="module")
def shop(jobs):
    shop, other = jobs.shop("amber"), jobs.shop("other")
    shop.send(good_messages())
    other.send(good_messages()[:40])
    jobs.batch()
    jobs.days()
    return shop


def damage(jobs, shop):
    """Every kind at once, each in a report of its own."""
    reports, prefix = jobs.database[Collection.REPORTS], f"hours.{HOURS[0]}"

    def change(family, **fields):
        id_ = report_id(shop.merchant, 1, family, DAY)
        assert reports.update_one({"_id": id_}, {"$set": fields}).matched_count == 1

    stranger = reports.find_one({"_id": report_id("other", 1, Family.SALES, DAY)})["hours"]
    change(Family.SALES, **{f"{prefix}.content.converted.sales": 7, f"hours.{HOURS[1]}": stranger[HOURS[0]]})
    reports.update_one(
        {"_id": report_id(shop.merchant, 1, Family.SALES, DAY)}, {"$unset": {f"hours.{HOURS[2]}.content.orders": 1}}
    )
    change(Family.SALES, **{f"hours.{HOURS[3]}.content": "text", f"hours.{HOURS[4]}.version.sequence": 2**60})
    change(Family.TRAFFIC, hours="unreadable", schema=99)
    reports.delete_one({"_id": report_id(shop.merchant, 1, Family.QUALITY, DAY)})
    change(Family.PRODUCTS, content=None, version={"epoch": 2**40, "sequence": 2**60})


def test_every_kind_of_damage_is_repaired_beside_odd_requests(jobs, shop, caplog):
    before = shop.stored_checksums()
    damage(jobs, shop)
    jobs.open_tickets(shop)
    number = jobs.request(*ODD, json_bytes(request(scopes=[*SCOPES, {"group": "hour", "key": "?"}])))
    jobs.rebuild(number)
    assert shop.stored_checksums() == before
    assert_reports_are_right(shop)
    assert jobs.tickets(shop) == {"hour": "ready", "day": "ready"}
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []
    assert sum("odd request skipped" in line for line in caplog.messages) == 3
    assert sum("another shop or version" in line for line in caplog.messages) == 2
    touched = jobs.database[Collection.BATCHES].find_one({"_id": number})["touched"]
    assert [(one["merchant"], len(one["reports"])) for one in touched] == [("amber", 4)]
    assert jobs.database[Collection.REPORTS].count_documents({"day": "2039-01-01"}) == 0


@pytest.mark.long
def test_a_replay_needs_no_topic(jobs, shop):
    before, number = shop.stored_checksums(), jobs.last
    damage(jobs, shop)
    jobs.database[Collection.BATCHES].update_one({"_id": number}, {"$set": {"ranges": {"0": [10**6, 10**6 + 1]}}})
    jobs.rebuild(number)
    assert shop.stored_checksums() == before


def test_an_attempt_that_dies_leaves_its_scopes_due_and_the_next_one_computes_them(jobs, shop):
    before = shop.stored_checksums()
    jobs.database[Collection.REPORTS].delete_one({"_id": report_id(shop.merchant, 1, Family.SALES, DAY)})
    jobs.open_tickets(shop)
    number = jobs.request(json_bytes(request(scopes=SCOPES[:-1])))
    entry = take(jobs.database, number, "first")
    wanted = wanted_of(jobs.spark, jobs.database, entry, jobs.settings.kafka_bootstrap)
    take(jobs.database, number, "second")
    with pytest.raises(StaleAttempt):
        rebuild(jobs.spark, jobs.database, entry, wanted)
    assert jobs.due(DueGroup.HOUR) == HOURS
    jobs.rebuild(number)
    assert (shop.stored_checksums(), jobs.due(DueGroup.HOUR)) == (before, [])
    assert jobs.tickets(shop, "attempts") == {"hour": 2, "day": 0}


def test_after_three_attempts_a_ticket_fails_and_an_alert_is_logged(jobs, shop, caplog):
    jobs.open_tickets(shop, attempts=3)
    jobs.rebuild(jobs.request(json_bytes(request(scopes=SCOPES))))
    assert jobs.tickets(shop) == {"hour": "failed", "day": "failed"}
    assert jobs.tickets(shop, "failure") == {"hour": "attempts", "day": "attempts"}
    alerts = [record for record in caplog.records if record.getMessage().startswith("alert:")]
    assert [record.levelno for record in alerts] == [logging.ERROR] * 2


def test_a_day_beyond_retention_is_left_as_it_is_and_its_ticket_says_so(jobs, shop):
    jobs.database[Collection.REPORTS].delete_one({"_id": report_id(shop.merchant, 1, Family.QUALITY, DAY)})
    before = shop.stored_checksums()
    jobs.open_tickets(shop)
    jobs.database[Collection.MERCHANTS].update_one({"_id": shop.merchant}, {"$set": {"retention_days": 1}})
    jobs.rebuild(jobs.request(json_bytes(request(scopes=SCOPES))))
    assert jobs.tickets(shop, "failure") == {"hour": "frozen", "day": "frozen"}
    jobs.database[Collection.MERCHANTS].update_one({"_id": shop.merchant}, {"$set": {"retention_days": None}})
    assert shop.stored_checksums() == before


@pytest.mark.long
def test_a_rebuild_that_ends_after_a_newer_batch_changes_nothing(jobs, shop):
    old = Computation(current_snapshot(jobs.spark), 1, 0, "rebuild", 99)
    shop.send([message("Order Completed", NOON, "v1", order_id="newer", revenue=70)])
    jobs.batch()
    before = shop.hours(Family.SALES), shop.hours(Family.TRAFFIC)
    due = [DueScope(Scope(shop.merchant, DueGroup.HOUR, key), "none") for key in HOURS]
    Computing(jobs.spark, jobs.database, old, None, lambda: None).compute(due)
    assert (shop.hours(Family.SALES), shop.hours(Family.TRAFFIC)) == before
    jobs.rebuild(jobs.request(json_bytes(request(scopes=SCOPES))))
    assert_reports_are_right(shop)


def archived_with_an_order(jobs, shop, order_id):
    """A batch whose rows stand in the archive and whose order is not written yet, and what brings it to its end, once."""
    shop.send([message("Order Completed", NOON, "v1", order_id=order_id, revenue=30)])
    batch = jobs.take(jobs.plan())
    archived, ended = archive_batch(batch), []

    def end():
        if not ended:
            ended.append(batch.id)
            merge_orders(batch, archived)
            batch.entry.note_reported(compute_hours(batch, archived.snapshot), 1.0)
            jobs.commit(batch.id)

    return Computation(archived.snapshot, 1, 0, "rebuild", 99), end


def test_a_rebuild_that_ends_after_a_batch_of_the_same_sequence_computes_its_hours_again(jobs, shop):
    same, end_of_batch = archived_with_an_order(jobs, shop, "same sequence")
    scopes = [Scope(shop.merchant, DueGroup.HOUR, key) for key in HOURS]
    Computing(jobs.spark, jobs.database, same, 99, end_of_batch).compute_anew(scopes, "rebuild")
    assert jobs.due(DueGroup.HOUR) == []
    jobs.days()
    assert_reports_are_right(shop)


@pytest.mark.long
def test_a_round_that_was_overtaken_at_the_same_sequence_leaves_its_day_due(jobs, shop):
    same, end_of_batch = archived_with_an_order(jobs, shop, "overtaken")
    day = Scope(shop.merchant, DueGroup.DAY, DAY)
    make_due(jobs.database, [day], same.snapshot.sequence, None, "test")
    due = read_due(jobs.database, DueGroup.DAY, None, 1, same.snapshot.sequence)

    def overtake():
        end_of_batch()
        Computing(jobs.spark, jobs.database, same, 99, lambda: None).compute_anew([day], "rebuild")

    Computing(jobs.spark, jobs.database, same, None, overtake).compute(due)
    assert jobs.due(DueGroup.DAY) == [DAY]
    jobs.days()
    assert jobs.due(DueGroup.DAY) == []
    assert_reports_are_right(shop)


def test_what_is_overtaken_again_and_again_stays_due(jobs, shop, monkeypatch):
    monkeypatch.setattr("spark_jobs.computing.ROUNDS", 2)
    now, rounds = Computation(current_snapshot(jobs.spark), 1, 0, "rebuild", 99), []
    scopes = [Scope(shop.merchant, DueGroup.HOUR, HOURS[0])]

    def overtake():
        rounds.append(1)
        make_due(jobs.database, scopes, now.snapshot.sequence, None, "a rival")

    Computing(jobs.spark, jobs.database, now, None, overtake).compute_anew(scopes, "rebuild")
    assert (len(rounds), jobs.due(DueGroup.HOUR)) == (2, HOURS[:1])
    jobs.rebuild(jobs.request(json_bytes(request(scopes=SCOPES[:1]))))
    assert jobs.due(DueGroup.HOUR) == []
