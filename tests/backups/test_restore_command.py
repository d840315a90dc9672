"""`footfall restore`: beside the platform's database, whole or one shop, proven."""

import pytest
from click.testing import CliRunner

from contracts.backups import STILL_THERE, BackupState
from stack.commands import main as footfall
from tests.backups.contents import content_of_main, described
from tests.report_app.filled_shop import fill


@pytest.fixture
def restore(environment):
    def do(*words):
        return CliRunner().invoke(footfall, ["restore", *words], env=environment)

    return do


def test_a_generation_is_a_database_again(platform, empty, night, restore):
    before, shape = content_of_main(platform), described(platform)
    night()
    platform.reports.drop()
    night_after = night(shrink=1.0)
    assert night_after["state"] == BackupState.WHOLE
    done = restore("--generation", "1", "--into", empty.name)
    assert done.exit_code == 0, done.output
    assert content_of_main(empty) == before and described(empty) == shape
    assert "reports                       600 of 600" in done.output
    assert f"623 documents are in database {empty.name}, proven." in done.output
    assert "reports" not in content_of_main(platform), "the platform's own database is not touched"


def test_one_shop(filled, empty, night, restore):
    night()
    done = restore("--merchant", "shop-3", "--into", empty.name)
    assert done.exit_code == 0, done.output
    restored = content_of_main(empty)
    assert restored == {
        "merchants": {"shop-3": content_of_main(filled)["merchants"]["shop-3"]},
        "reports": {id_: raw for id_, raw in content_of_main(filled)["reports"].items() if id_.startswith("shop-3/")},
    }
    assert len(restored["reports"]) == 30


def test_a_rehearsal_reads_every_report_and_leaves_nothing(main, store, night, restore):
    fill(main, days=2)
    night()
    done = restore("--rehearse")
    assert done.exit_code == 0, done.output
    assert "reports of 1 shops can be read" in done.output
    names = store.database.client.list_database_names()
    assert not [name for name in names if "rehearsal" in name]


def test_what_it_refuses(main, filled, empty, night, restore):
    night()
    cases = [
        (["--into", "local"], "local is in use"),
        (["--into", main.name], "is in use"),
        (["--into", empty.name, "--generation", "9"], "no generation 9"),
        (["--into", empty.name, "--merchant", "nobody"], "no merchant 'nobody'"),
        (["--into", empty.name, "--line", "decisions"], "no whole generation"),
        ([], "Give one of"),
        (["--into", empty.name, "--rehearse"], "Give one of"),
    ]
    for words, what in cases:
        done = restore(*words)
        assert done.exit_code != 0 and what in done.output, words
        assert content_of_main(empty) == {}
    empty.mine.insert_one({"_id": 1})
    assert "has collections" in restore("--into", empty.name).output
    assert set(content_of_main(empty)) == {"mine"}


def test_a_damaged_generation_is_not_restored(filled, empty, store, night, restore):
    night()
    store.database["rows.reports"].delete_one({"until": STILL_THERE})
    done = restore("--into", empty.name)
    assert done.exit_code == 1 and "choose an older generation" in done.output
    assert empty.name not in empty.client.list_database_names()
