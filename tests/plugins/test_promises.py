"""A broken promise is said once when it breaks, once when it mends, and nothing in between."""

from datetime import UTC, datetime, timedelta

from contracts.promises import CheckName, PromiseState
from footfall_airflow.promises import MOST_SENTENCES, Look, judge

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEPT, AWAITED = Look(), Look(PromiseState.AWAITED, "On its way.")


def broken(sentence="It does not add up."):
    return Look(PromiseState.BROKEN, sentence)


def look(database, look, minutes=0, subject="chai/h"):
    verdict = judge(database, CheckName.BOOKS, {subject: look}, START + timedelta(minutes=minutes))
    return verdict.broke, verdict.mended, verdict.broken


def stored(database):
    return database.promises.find_one()


def test_a_kept_promise_leaves_nothing(database):
    assert look(database, KEPT) == ([], [], [])
    assert stored(database) is None


def test_it_breaks_once_and_mends_once(database):
    said = ["It does not add up."]
    assert look(database, broken(), 0) == (said, [], said)
    assert look(database, broken(), 5) == ([], [], said)
    assert look(database, AWAITED, 10) == ([], [], said)
    assert (stored(database)["since"], stored(database)["last"]) == (START, START + timedelta(minutes=10))
    assert look(database, KEPT, 15) == ([], said, [])
    assert look(database, KEPT, 20) == ([], [], [])
    assert (stored(database)["state"], stored(database)["mended_at"]) == ("mended", START + timedelta(minutes=15))


def test_what_breaks_again_is_said_again(database):
    for minutes, now in enumerate([broken(), KEPT]):
        look(database, now, minutes)
    assert look(database, broken("Again."), 9)[0] == ["Again."]
    assert (stored(database)["since"], stored(database)["mended_at"]) == (START + timedelta(minutes=9), None)


def test_a_doubt_is_not_said_and_leaves_nothing(database):
    assert look(database, AWAITED) == ([], [], [])
    assert stored(database)["state"] == "awaited"
    assert look(database, KEPT, 5) == ([], [], [])
    assert stored(database) is None


def test_what_was_not_looked_at_stays_broken(database):
    look(database, broken("One."), subject="a/h")
    assert look(database, KEPT, 5, subject="b/h") == ([], [], ["One."])


def test_many_are_counted_and_a_few_are_named(database):
    looks = {f"chai/{n}": broken(f"Hour {n}.") for n in range(MOST_SENTENCES + 5)}
    verdict = judge(database, CheckName.BOOKS, looks, START)
    assert (len(verdict.broke), len(verdict.broken), verdict.count) == (25, 20, 25)
