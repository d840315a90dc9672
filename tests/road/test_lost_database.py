"""The drill: the main database is lost beside a filled archive and a topic that goes on. A backup brings it back, the archive
brings what is newer, and every number is that of an undisturbed run.
"""

import os
import shutil
import signal
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import pytest
from click.testing import CliRunner
from pymongo import MongoClient

from contracts.names import Collection, DagId, Topic
from contracts.restores import NUMBERS_AT_ONCE
from stack import supervision
from stack.commands import main
from stack.parts import mongo
from stack.programs import stack_programs
from stack.waiting import wait_until
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.nights import back_up, back_up_decisions
from tests.road.roads import Road
from tests.road.shops import RoadShop
from tests.road.twins import LOSSES, Twins, first_messages, second_messages

pytestmark = pytest.mark.stack


@dataclass
class Drill:
    """`twin` was there at the backup. `newcomer` was opened afterwards, and its second messages wait when the database is lost."""

    road: Road
    twins: Twins
    twin: RoadShop
    newcomer: RoadShop
    newest: int
    said: str


@pytest.fixture(scope="module", params=[LOSSES[0], pytest.param(LOSSES[1], marks=pytest.mark.long)])
def drill(road, second_wave, request):
    road.wait()
    twins, twin = second_wave.first.twins, second_wave.first.twins.disturbed["database", request.param]
    back_up(road)
    newcomer, first = road.new_shop("newcomer", "America/New_York", "USD"), first_messages()
    newcomer.send(first)
    twins.send_second(twin)
    road.wait()
    back_up_decisions(road)
    newest = road.newest_batch()["_id"]
    with nullcontext() if request.param == "deleted" else paused(road):
        newcomer.send(second_messages(first))
        HARM[request.param](road)
        said = restored(road)
    road.wait_patiently()
    return Drill(road, twins, twin, newcomer, newest, said)


@contextmanager
def paused(road):
    """What waits when the database goes is one batch afterwards."""
    road.airflow.set_paused(DagId.PROCESS_EVENTS, True)
    try:
        yield
    finally:
        road.airflow.set_paused(DagId.PROCESS_EVENTS, False)


def delete_files(road):
    """kill -9 in the middle of everything; the server that starts afterwards has no files, and is no replica set."""
    elections = election(road)
    [program] = [one for one in stack_programs(road.settings) if one.name == "mongo"]
    os.kill(supervision.states(road.settings)["mongo"].pid, signal.SIGKILL)
    supervision.stop(road.settings, program.process)
    shutil.rmtree(road.settings.data / "mongo")
    (road.settings.data / "mongo").mkdir()
    supervision.start(road.settings, program)
    assert wait_until(lambda: mongo.is_answering(road.settings.mongo_uri), 60)
    if elections > 1:
        be_elected_as_often(road, elections)


def be_elected_as_often(road, elections):
    """Whoever knew a server of a later election does not believe this one: programs would have to be started again."""
    mongo.initiate(road.settings.mongo_uri)
    assert wait_until(lambda: mongo.is_writable(road.settings.mongo_uri), 30)
    while election(road) < elections:
        with direct(road) as client:
            client.admin.command("replSetStepDown", 1, force=True)
        assert wait_until(lambda: mongo.is_writable(road.settings.mongo_uri), 30)


def election(road):
    """The number of the one that made the server what it is."""
    with direct(road) as client:
        return int.from_bytes(client.admin.command("hello")["electionId"].binary[-4:])


def direct(road):
    return MongoClient(road.settings.mongo_uri.partition("?")[0] + "?directConnection=true")


def drop(road):
    road.database.client.drop_database(road.database.name)


HARM = dict(zip(LOSSES, (drop, delete_files), strict=True))


def restored(road):
    done = CliRunner().invoke(main, ["restore", "--in-place"], env=road.stack.environment)
    print(done.output)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_report_is_that_of_an_undisturbed_twin(drill):
    drill.twins.assert_alike(drill.twin)
    assert_reports_are_right(drill.twin)
    assert "It has caught up with the archive" in drill.said


def test_what_came_after_the_backup_and_what_waited_is_counted_once(drill):
    assert_reports_are_right(drill.newcomer)
    for shop in (drill.twin, drill.newcomer):
        assert_books_balance(shop)


def test_no_range_is_read_twice_or_skipped(drill):
    batches = drill.road.database[Collection.BATCHES]
    recovered = batches.distinct("_id", {"recovered_at": {"$ne": None}})
    assert drill.newest in recovered
    assert drill.road.newest_batch()["_id"] > NUMBERS_AT_ONCE
    for entry in batches.find({"topic": Topic.EVENTS, "previous": {"$gt": 0}}):
        before = batches.find_one({"_id": entry["previous"]})
        for partition, (start, _) in entry["ranges"].items():
            assert start == before["ends"].get(partition, 0), (entry["_id"], partition)


def test_the_backups_go_on(drill):
    """From a database that is another one by its collections, to a generation that is proven."""
    back_up(drill.road)
