"""`footfall shop change --keep-days`."""

import pytest

from contracts.names import Collection
from stack.accounts import create_shop
from stack.database import prepare_database
from stack.problems import StackProblem
from stack.retention_command import FOR_EVER, keep_messages
from tests.databases import own_database


@pytest.fixture
def shops(mongo):
    with own_database(mongo, "retention") as database:
        prepare_database(database)
        create_shop(database, "lamps", "Lamps", "Europe/Berlin", "EUR")
        yield database[Collection.MERCHANTS]


def kept(shops):
    return shops.find_one({"_id": "lamps"})["retention_days"]


def test_it_rehearses_says_what_goes_and_does_it_when_told(shops, capsys):
    keep_messages(shops.database, "lamps", "90", is_confirmed=False)
    assert "are deleted from the archive for good" in (said := capsys.readouterr().out)
    assert "Nothing was changed: say --yes to do it." in said
    assert kept(shops) is None
    keep_messages(shops.database, "lamps", "90", is_confirmed=True)
    assert kept(shops) == 90
    keep_messages(shops.database, "lamps", FOR_EVER, is_confirmed=False)
    assert kept(shops) is None
    assert capsys.readouterr().out.endswith(
        "Messages of lamps are kept for 90 days.\nMessages of lamps are kept for ever.\n"
    )


@pytest.mark.parametrize(("merchant", "days", "why"), [("none", "90", "no shop 'none'"), ("lamps", "x", "30 to 3650")])
def test_what_cannot_be(shops, merchant, days, why):
    with pytest.raises(StackProblem, match=why):
        keep_messages(shops.database, merchant, days, is_confirmed=True)
    assert kept(shops) is None
