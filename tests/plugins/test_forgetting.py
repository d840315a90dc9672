"""When people may be forgotten, what comes of it in the backups, and the receipt at the end."""

import json
from datetime import timedelta

import pytest

from contracts.erasures import KAFKA_KEEPS, NOBODY, Older, UnknownSecret, erased_ids, is_signed, new_erasure
from contracts.names import DagId
from contracts.person_ids import IdKind, PersonId, id_key
from contracts.promises import CHECKS, CheckName
from contracts.settings import Settings
from footfall_airflow.forgetting import finish, has_erasures, kept_out, plan_erasures, receipt_of
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.limits import LIMITS, World
from footfall_airflow.maintaining import plan_maintenance
from footfall_airflow.watches import ErasuresWatch
from stack.topics import TOPICS
from tests.plugins.test_changing import finish as finish_batch
from tests.plugins.test_watches import at

ANNA = PersonId(IdKind.USER, "anna")
SETTINGS = Settings(erasure_secrets="e1:" + "3c" * 20)
SECRETS = SETTINGS.erasure_secrets_by_id()


@pytest.fixture
def watch(database):
    return ErasuresWatch(database, SETTINGS)


@pytest.fixture
def rounds(database):
    return Ledger(database, DagId.FORGET_PEOPLE, lease_seconds=60)


@pytest.fixture
def batches(database):
    return Ledger(database, DagId.PROCESS_EVENTS, lease_seconds=60)


@pytest.fixture
def order(database):
    numbers = iter(range(100))

    def do(**overrides):
        ids = erased_ids(id_key(SECRETS["e1"], "lamps"), [ANNA], is_named=True)
        erasure = new_erasure(f"lamps/{next(numbers)}", "lamps", "e1", ids, "anna@example.com", at(0))
        database.erasures.insert_one(dict(erasure) | overrides)
        return erasure["_id"]

    return do


def after(database, id_):
    return database.erasures.find_one({"_id": id_})["after"]


def test_nobody_is_to_be_forgotten(watch, rounds, database):
    assert watch.look(at(0)) is None and not has_erasures(database, at(0))
    with pytest.raises(NothingToDo, match="No person"):
        plan_erasures(rounds, database, "run", lambda: at(1))


def test_without_batches_at_work_it_goes_on_at_once(watch, rounds, database, order):
    id_ = order()
    assert watch.look(at(0)) == {"unfinished_round": None}
    assert plan_erasures(rounds, database, "run", lambda: at(1))["_id"].startswith("erasures-")
    assert after(database, id_) == 0


def test_it_waits_for_the_batches_of_its_time_and_for_no_later_one(watch, rounds, batches, database, order):
    first = batches.plan("b1", at(0), messages=1)
    id_ = order()
    with pytest.raises(NothingToDo):
        plan_erasures(rounds, database, "r1", lambda: at(1))
    later = batches.plan("b2", at(1), messages=1)
    assert after(database, id_) == first["_id"] < later["_id"]
    assert watch.look(at(2)) is None
    finish_batch(batches, database, first["_id"])
    assert watch.look(at(4)) is not None
    assert plan_erasures(rounds, database, "r2", lambda: at(4))


def test_it_waits_for_errors_that_are_being_filed(watch, database, order):
    errors = Ledger(database, DagId.REPROCESS_ERRORS, lease_seconds=60)
    key = errors.plan("e1", at(0), messages=1)["_id"]
    order(after=key)
    assert watch.look(at(1)) is None
    database.batches.update_one({"_id": key}, {"$set": {"state": "committed"}})
    assert watch.look(at(2)) is not None


def test_what_waits_for_a_person_wakes_nobody(watch, rounds, database, order):
    order(state="found", is_confirmed=False)
    assert watch.look(at(0)) is None
    with pytest.raises(NothingToDo):
        plan_erasures(rounds, database, "run", lambda: at(1))


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_what_is_over_wakes_nobody(watch, order, state):
    order(state=state)
    assert watch.look(at(0)) is None


def test_what_cannot_be_cleared_yet_is_looked_at_later(watch, order):
    order(state="erased", after=0, not_before=at(600))
    assert watch.look(at(0)) is None
    assert watch.look(at(601)) is not None


def test_upkeep_and_erasures_wait_for_each_other(watch, rounds, database, order):
    upkeep = Ledger(database, DagId.MAINTAIN_ARCHIVE, lease_seconds=60)
    order()
    upkeep.plan("u1", at(0), prefix="archive-", is_long=True)
    assert watch.look(at(1)) is None
    with pytest.raises(NothingToDo, match="upkeep"):
        plan_erasures(rounds, database, "r1", lambda: at(1))
    database.batches.delete_many({})
    plan_erasures(rounds, database, "r2", lambda: at(2))
    with pytest.raises(NothingToDo, match="forgotten"):
        plan_maintenance(upkeep, database, "u2", 0, lambda: at(3))


@pytest.mark.parametrize(
    "known", [{"state": state} for state in ("found", "erasing", "erased", "done")] + [{"may_be_many": True}]
)
def test_who_is_kept_out(database, order, known):
    assert kept_out(database, SETTINGS, ["lamps"]) is NOBODY
    order(is_confirmed=False)
    order(is_confirmed=False, state="found", needs_a_look=True)
    order(state="cancelled", may_be_many=True)
    assert not kept_out(database, SETTINGS, ["lamps"])
    order(**known)
    assert kept_out(database, SETTINGS, ["lamps"]).has("lamps", [ANNA])
    with pytest.raises(UnknownSecret):
        kept_out(database, Settings(erasure_secrets="e2:" + "3c" * 20), ["lamps"])


def test_only_those_of_the_shops_in_hand_are_read(database, order):
    order(state="done")
    order(state="done", merchant="teas", key="e9")
    assert set(kept_out(database, SETTINGS, ["lamps", "mugs"]).hashes) == {"lamps"}
    assert kept_out(database, SETTINGS, []) is NOBODY


def test_nobody_is_kept_out_before_it_is_known_that_it_is_one_person(database, order):
    order()
    assert not kept_out(database, SETTINGS, ["lamps"])


def test_an_erasure_that_takes_too_long_is_a_broken_promise(database, order):
    [limit] = [one for one in LIMITS if one.name is CheckName.ERASURES]
    order(state="done")
    order(is_confirmed=False, state="found")
    assert limit.measure(World(database, None, at(9))) is None
    order(confirmed_at=at(-31_536_000), opened_again_at=at(-60), state="erasing")
    assert limit.measure(World(database, None, at(0))) == 60
    order(confirmed_at=at(-7200))
    assert limit.measure(World(database, None, at(0))) == 7200
    assert CHECKS[CheckName.ERASURES].limit(SETTINGS) == 24 * 3_600


def cleared(*what):
    return {str(one): at(3600) for one in what}


def test_a_receipt_comes_when_everything_is_cleared(database, order):
    found = {"archive": 7, "orders": 2, "failed_events": 0, "user": 1}
    erased = {"state": "erased", "changed_at": at(60), "found": found}
    order(**erased, cleared=cleared(Older.ARCHIVE, Older.COPY, Older.BACKUPS))
    assert finish(database, SETTINGS, at(7200)) == []
    whole = order(**erased, cleared=cleared(*Older))
    assert finish(database, SETTINGS, at(7200)) == [whole]
    done = database.erasures.find_one({"_id": whole})
    assert (done["state"], done["done_at"]) == ("done", at(7200))
    receipt = done["receipt"]
    assert is_signed(json.loads(json.dumps(receipt)), SECRETS)
    removed = {(one["store"], one["what"]): one["count"] for one in receipt["removed"]}
    assert removed[("archive", "rows")] == 7 and removed[("orders", "documents")] == 2
    assert {store for store, _ in removed} == {"archive", "orders", "copy", "backups", "dumps"}
    assert receipt["ids"] == {"anonymous": 0, "user": 1, "order": 0}
    assert finish(database, SETTINGS, at(7300)) == []


def test_a_receipt_says_until_when_kafka_holds_messages(order, database):
    id_ = order(changed_at=at(0), cleared={}, found={})
    kafka = receipt_of(database.erasures.find_one({"_id": id_}), at(1))["kafka"]
    for topic, days in KAFKA_KEEPS.items():
        assert TOPICS[topic].days == days
        assert kafka[topic] == (at(0) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
