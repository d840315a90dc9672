"""Shops and users as an operator creates them."""

import pytest

from contracts.keys import KeyKind, read_key
from contracts.names import Collection
from report_app.accounts import is_password
from stack.accounts import create_shop, create_user, write_keys
from stack.database import prepare_database
from stack.problems import StackProblem
from tests.databases import own_database

GOOD = {
    "merchant": "lamps",
    "name": "Lamps",
    "time_zone": "Europe/Berlin",
    "currency": "EUR",
    "hosts": ["lamps.example"],
}


@pytest.fixture
def database(mongo):
    with own_database(mongo, "accounts") as database:
        prepare_database(database)
        yield database


def test_a_shop_and_its_keys(database, settings):
    create_shop(database, **GOOD)
    assert database[Collection.MERCHANTS].find_one({"_id": "lamps"})["time_zone"] == "Europe/Berlin"
    for kind, key in write_keys("lamps", settings).items():
        found = read_key(key, settings.secrets_by_id())
        assert (found.merchant, found.kind) == ("lamps", KeyKind(kind))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"merchant": "Lamps & Co"}, "no shop id"),
        ({"time_zone": "Berlin"}, "no time zone"),
        ({"currency": "EURO"}, "no currency"),
        ({"currency": "ZZZ"}, "no currency"),
        ({"hosts": ["https://lamps.example"]}, "no host"),
    ],
)
def test_a_shop_that_no_report_could_be_made_for(database, change, why):
    with pytest.raises(StackProblem, match=why):
        create_shop(database, **GOOD | change)
    assert database[Collection.MERCHANTS].count_documents({}) == 0


def test_an_id_is_taken_once(database):
    create_shop(database, **GOOD)
    with pytest.raises(StackProblem, match="exists already"):
        create_shop(database, **GOOD | {"name": "Other"})
    assert database[Collection.MERCHANTS].find_one()["name"] == "Lamps"


def test_a_user_signs_in_with_the_password_that_was_printed(database):
    create_shop(database, **GOOD)
    password = create_user(database, "Anna@lamps.example", ["lamps"], "de-DE")
    user = database[Collection.USERS].find_one({"_id": "anna@lamps.example"})
    assert is_password(password, user["password_hash"]) and user["merchants"] == ["lamps"]
    with pytest.raises(StackProblem, match="exists already"):
        create_user(database, "anna@lamps.example", ["lamps"], "de-DE")


def test_a_user_of_a_shop_that_does_not_exist(database):
    with pytest.raises(StackProblem, match="no shop 'lamps'"):
        create_user(database, "anna@lamps.example", ["lamps"], "de-DE")
