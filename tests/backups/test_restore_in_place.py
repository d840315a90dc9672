"""`footfall restore --in-place`: the database that was lost, with decisions as new as there are and nobody at its work."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from backups.alone import HEARD_OF, alone
from backups.decisions import copy_decisions
from backups.problems import BusyBackup, Superseded
from backups.store import Store
from contracts.backups import RESTORING, STILL_THERE, BackupLine
from contracts.restores import ATTEMPTS_BEYOND, RESTORE, RestoreState
from stack.commands import main as footfall
from stack.problems import StackProblem
from stack.replacing import Lines, replace_database
from tests.backups.contents import content_of_main, described

NOW = datetime.now(UTC).replace(microsecond=0)
FORMER = [{"settings_version": 1, "until": NOW}]
SWITCHED = {"currency": "USD", "settings_version": 2, "newest_settings": 2, "name": "Third", "former": FORMER}


@pytest.fixture
def lines(store):
    return Lines(store, Store(store.database.client, BackupLine.DECISIONS, store.database.name))


@pytest.fixture
def decide(lines, main):
    """A copy of what only people made."""
    runs = iter(range(1, 1_000))
    return lambda: copy_decisions(lines.decisions, main, f"decisions-{next(runs)}", 0.9)


@pytest.fixture
def replace(main, lines):
    def do(number=None, may_replace=False, progress=lambda name, done, of: None):
        return replace_database(main, lines, number, may_replace, progress, lambda line: None)

    return do


@pytest.fixture
def lost(filled, night, decide):
    """The main database, lost after a night, decisions of later, and reports that no backup has. Answers (of the night, then)."""
    main = filled
    main.batches.insert_many([batch(1, "committed"), batch(2, "planned")])
    main.merchants.update_one({"_id": "shop-3"}, {"$set": {"currency": "EUR", "settings_version": 1}})
    main.repair_rules.insert_one({"_id": "before", "replay": replay(NOW - timedelta(hours=1))})
    night()
    of_the_night = content_of_main(main)
    main.users.insert_one({"_id": "later@example.com", "merchants": ["shop-2"], "password_hash": "y"})
    main.merchants.update_one({"_id": "shop-3"}, {"$set": SWITCHED})
    main.repair_rules.insert_one({"_id": "after", "replay": replay(NOW + timedelta(hours=1))})
    decide()
    at_the_end = content_of_main(main)
    main.reports.delete_many({})
    main.client.drop_database(main.name)
    return of_the_night, at_the_end


def replay(done_at):
    return {"number": "1", "state": "done", "done_at": done_at}


def batch(number, state):
    lease = {"run": f"run-{number}", "until": NOW + timedelta(hours=1)}
    return {"_id": number, "dag": "process_events", "state": state, "run": "r", "attempt": 1, "lease": lease}


def state_of(main):
    return (main.backups.find_one({"_id": RESTORE}) or {}).get("state")


def test_decisions_are_the_newest_and_the_rest_is_that_of_the_night(main, lost, replace):
    of_the_night, at_the_end = lost
    # what programs that run on write into a database that is gone
    main.platform.insert_one({"_id": "watermark", "caught_up_at": NOW})
    done = replace()
    assert (done["generation"], done["decisions"], done["state"]) == (1, 1, RestoreState.RESTORED)
    found = content_of_main(main)
    assert found["users"] == at_the_end["users"] != of_the_night["users"]
    assert all(found[name] == of_the_night[name] for name in ("reports", "counters"))
    assert "days_of_shop" in described(main)["reports"][1], "an index that no version of ours makes"
    assert "validator" in described(main)["webhooks"][0], "a collection that the night did not have"
    assert not [name for name in main.list_collection_names() if name.startswith(RESTORING)]
    entries = {one["_id"]: one for one in main.batches.find()}
    assert [one["lease"] for one in entries.values()] == [None, None]
    assert (entries[1]["attempt"], entries[2]["attempt"]) == (1, 1 + ATTEMPTS_BEYOND)
    assert_a_switched_shop_goes_on_with_the_settings_of_its_reports(main)
    replays = {one["_id"]: one["replay"]["state"] for one in main.repair_rules.find()}
    assert replays == {"before": "done", "after": "asked"}, "what people had sent again since is carried out once more"


def assert_a_switched_shop_goes_on_with_the_settings_of_its_reports(main):
    shop = main.merchants.find_one({"_id": "shop-3"})
    assert (shop["name"], shop["currency"], shop["settings_version"], shop["former"]) == ("Third", "EUR", 1, [])
    wanted = shop["next"]
    assert (wanted["currency"], wanted["settings_version"], wanted["state"]) == ("USD", 2, "ordered")


def test_a_restore_that_was_killed_between_two_collections_ends_as_it_began(main, lost, replace):
    replace()
    whole = content_of_main(main)
    # some collections had their names already
    main.backups.update_one({"_id": RESTORE}, {"$set": {"state": RestoreState.RESTORING}})
    main.users.delete_one({"_id": "later@example.com"})
    main.reports.drop()
    assert replace()["decisions"] == 1
    assert content_of_main(main) == whole


def test_one_that_fails_before_the_first_is_replaced_changes_nothing(main, lost, lines, replace):
    lines.nightly.database["rows.reports"].delete_one({"until": STILL_THERE})
    with pytest.raises(Exception, match="choose an older generation"):
        replace()
    assert content_of_main(main) == {} and state_of(main) is None


def test_a_database_that_is_there_is_replaced_only_where_a_person_says_so(main, lost, replace):
    replace()
    main.backups.delete_one({"_id": RESTORE})
    before = content_of_main(main)
    with pytest.raises(StackProblem, match="is not lost: it has documents in merchants, users, reports"):
        replace()
    main.batches.update_one({"_id": 2}, {"$set": {"lease": batch(2, "planned")["lease"]}})
    with pytest.raises(StackProblem, match="Run run-2 is at work on entry 2"):
        replace(may_replace=True)
    assert state_of(main) is None
    main.batches.update_one({"_id": 2}, {"$set": {"lease": None}})
    assert content_of_main(main) == before
    replace(may_replace=True)
    assert state_of(main) == RestoreState.RESTORED
    assert replace()["state"] == RestoreState.RESTORED, "it is not restored a second time before it has caught up"


def test_two_restores_of_one_database_are_not_at_it_together(main, lost, lines, replace):
    refused = []

    def again(name, done, of):
        with pytest.raises(BusyBackup, match="Another restore"):
            replace()
        refused.append(name)

    replace(progress=again)
    assert refused and state_of(main) == RestoreState.RESTORED
    assert replace()["state"] == RestoreState.RESTORED, "the first has ended"


def test_one_that_was_killed_is_in_nobodys_way_after_half_a_minute(main, lines):
    with alone(lines.nightly) as require_alone:
        require_alone()
        then = datetime.now(UTC) + 2 * HEARD_OF
        later = Store(lines.nightly.database.client, BackupLine.NIGHTLY, main.name, lambda: then)
        with alone(later) as require_later, pytest.raises(Superseded, match="has replaced nothing"):
            require_later()
            require_alone()


def test_without_newer_decisions_all_of_it_is_the_nights(main, filled, decide, night, replace):
    decide()
    main.users.delete_many({})
    night()
    main.client.drop_database(main.name)
    done = replace()
    assert done["decisions"] is None and main.users.count_documents({}) == 0


def test_the_command_refuses_what_is_no_lost_database(environment, filled, night):
    night()
    cases = [
        (["--in-place"], "is not lost"),
        (["--in-place", "--into", "new"], "Give one of"),
        (["--in-place", "--merchant", "shop-1"], "takes --generation and --replace only"),
        (["--into", "new", "--replace"], "takes --generation and --replace only"),
    ]
    for words, what in cases:
        done = CliRunner().invoke(footfall, ["restore", *words], env=environment)
        assert done.exit_code != 0 and what in done.output, words
