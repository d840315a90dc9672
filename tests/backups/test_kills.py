"""A night that is killed at any point leaves the last good generation as it was."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.backups import BackupState
from tests.backups.contents import content, content_of_main

PROGRAM = Path(__file__).with_name("one_night.py")
KILLS = 10


@pytest.fixture
def night_apart(mongo, backup_mongo, main):
    """Runs a night in a process; killed after `seconds` of its work, or left to its end. Answers whether it ended."""

    def do(run, seconds=None):
        words = [sys.executable, str(PROGRAM), mongo, backup_mongo, main.name, run]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "begins\n"
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            return process.stdout.read() == "ends\n"

    return do


def change(main, dice):
    ids = [one["_id"] for one in main.reports.find({}, {"_id": 1})]
    main.reports.update_many({"_id": {"$in": dice.sample(ids, 400)}}, {"$set": {"turn": dice.random()}})
    main.reports.delete_many({"_id": {"$in": dice.sample(ids, 3)}})


def test_ten_kills_at_random_points(filled, store, night_apart):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    assert night_apart("first")
    change(filled, dice)
    began = time.monotonic()
    assert night_apart("second")
    usual = time.monotonic() - began
    kills = 0
    while kills < KILLS:
        good = store.newest([BackupState.WHOLE])
        before = content(store, good["_id"])
        change(filled, dice)
        if night_apart(f"killed-{dice.random()}", dice.uniform(0, usual)):
            continue
        kills += 1
        newest = store.newest([BackupState.WHOLE])
        # one that was killed behind its last step has made a good one
        if newest["_id"] != good["_id"]:
            assert content(store, newest["_id"]) == content_of_main(filled), f"seed {seed}, kill {kills}"
        assert content(store, good["_id"]) == before, f"seed {seed}, kill {kills}"
        # the lease of a killed run ends by itself; here nobody waits for it
        store.database.holders.update_one({"_id": "writer"}, {"$set": {"expires_at": good["taken_at"]}})
    assert night_apart("last")
    last = store.newest([BackupState.WHOLE])
    assert content(store, last["_id"]) == content_of_main(filled), f"seed {seed}"
    numbers = {one["_id"] for one in store.generations()}
    assert set(store.database["rows.reports"].distinct("from")) <= numbers, "nothing is left of those that were killed"
