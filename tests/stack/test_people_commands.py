"""`footfall people`: the ids come from the standard input, and nobody keeps them."""

import json

import pytest
from click.testing import CliRunner

from contracts.names import Collection
from contracts.settings import Settings
from sealing import seal
from stack.commands import main
from tests.databases import own_database

SECRETS = "e1:" + "3c" * 20
BY = ("--by", "anna")


@pytest.fixture
def database(mongo):
    with own_database(mongo, "people") as database:
        database[Collection.MERCHANTS].insert_one({"_id": "lamps"})
        yield database


@pytest.fixture
def people(mongo, database, tmp_path):
    environment = {
        "FOOTFALL_DATA": str(tmp_path),
        "FOOTFALL_MONGO_URI": mongo,
        "FOOTFALL_DATABASE": database.name,
        "FOOTFALL_ERASURE_SECRETS": SECRETS,
    }

    def do(*words, typed=""):
        return CliRunner().invoke(main, ["people", *words], input=typed, env=environment)

    return do


def the_one(database):
    [found] = database[Collection.ERASURES].find()
    return found


def test_somebody_is_to_be_forgotten(people, database):
    answer = people("forget", "lamps", *BY, "--export", typed="user u-7\n\norder 1001\nbrowser b 1\n")
    assert answer.exit_code == 0, answer.output
    found = the_one(database)
    assert (len(found["ids"]), found["reach"], found["with_export"], found["is_confirmed"]) == (3, "linked", True, True)
    assert found["_id"].partition("/")[2] in answer.output and "u-7" not in answer.output + str(found)
    assert "ordered" in people("list", "lamps").output
    assert json.loads(people("list", "lamps", "--json").output)[0]["_id"] == found["_id"]


def test_one_that_failed_is_seen_in_the_list(people, database):
    people("forget", "lamps", *BY, typed="user u-7")
    database[Collection.ERASURES].update_one({}, {"$set": {"failure": "DamagedCopy"}})
    assert "DamagedCopy" in people("list", "lamps").output.replace("\n", "")


@pytest.mark.parametrize("typed", ["", "u-7", "mail a@b.example", "user", "user undefined"])
def test_what_is_no_id_is_refused_without_repeating_it(people, database, typed):
    answer = people("forget", "lamps", *BY, typed=typed)
    assert answer.exit_code == 1 and database[Collection.ERASURES].count_documents({}) == 0
    assert "a@b.example" not in answer.output


def test_who_looks_first_confirms_or_cancels(people, database):
    people("forget", "lamps", *BY, "--look-first", "--only", typed="user u-7")
    number = the_one(database)["_id"].partition("/")[2]
    assert the_one(database)["reach"] == "named" and not the_one(database)["is_confirmed"]
    assert people("confirm", "lamps", number, *BY).exit_code == 0
    assert the_one(database)["is_confirmed"]
    answer = people("cancel", "lamps", number, *BY)
    assert answer.exit_code == 1 and "waits for nobody" in answer.output


def test_an_export_is_written_out(people, database):
    people("forget", "lamps", *BY, typed="user u-7")
    id_ = the_one(database)["_id"]
    number = id_.partition("/")[2]
    assert "no file" in people("export", "lamps", number).output
    secret = Settings(erasure_secrets=SECRETS).erasure_secrets_by_id()["e1"]
    piece = {"erasure": id_, "number": 0, "sealed": seal(b'{"messages":[]}', secret, f"export/{id_}/0")}
    database[Collection.EXPORTS].insert_one(piece)
    database[Collection.ERASURES].update_one({}, {"$set": {"export": 1}})
    assert people("export", "lamps", number).output == '{"messages":[]}'


def test_another_shop_and_another_number_are_named(people):
    assert "no shop teas" in people("list", "teas").output
    assert "has no order" in people("confirm", "lamps", "0" * 12, *BY).output
