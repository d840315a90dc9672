"""Which backups are kept, and that what goes takes nothing from those that stay."""

from datetime import UTC, datetime, timedelta

from backups.keeping import gaps, kept, kept_of_decisions
from backups.rotating import rotate
from contracts.backups import BackupState
from tests.backups.contents import content

START = datetime(2026, 1, 1, 2, tzinfo=UTC)


def nights(count):
    return {number: START + timedelta(days=number) for number in range(1, count + 1)}


def test_seven_days_four_weeks_twelve_months():
    keep = {(START + timedelta(days=number)).date().isoformat() for number in kept(nights(500))}
    assert keep == {
        *("2027-05-16", "2027-05-15", "2027-05-14", "2027-05-13", "2027-05-12", "2027-05-11", "2027-05-10"),
        *("2027-05-09", "2027-05-02", "2027-04-25"),
        *("2027-04-30", "2027-03-31", "2027-02-28", "2027-01-31", "2026-12-31", "2026-11-30", "2026-10-31"),
        *("2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30"),
    }


def test_what_is_kept_day_by_day_is_what_is_kept_at_once():
    """Rotating every night takes nothing that a later night would still want."""
    taken = {}
    for number, at in nights(500).items():
        taken[number] = at
        taken = {one: taken[one] for one in kept(taken)}
    assert set(taken) == kept(nights(500))


def test_of_a_day_with_several_the_newest_and_after_a_pause_older_ones_stay():
    morning = {1: START, 2: START + timedelta(hours=5), 3: START + timedelta(days=90)}
    assert kept(morning) == {2, 3}


def test_decisions_by_the_hour_for_a_day_and_by_the_day_for_a_week():
    every_five_minutes = {n: START + timedelta(minutes=5 * n) for n in range(10 * 24 * 12)}
    keep = kept_of_decisions(every_five_minutes)
    assert len(keep) == 24 + 7 - 2 + 1, (
        "the newest of the last two days are those of their hours, too; and the last but one"
    )


def test_gaps_are_between_neighbours():
    assert gaps({9, 4, 5}) == [(0, 4), (4, 5), (5, 9)]


def test_rotation_leaves_the_rows_of_what_is_kept(filled, store, night):
    contents = {}
    for day in range(12):
        filled.reports.update_many({"day": f"2026-11-{day + 1:02d}"}, {"$inc": {"turn": 1}})
        filled.reports.delete_many({"merchant": "shop-3", "day": f"2026-11-{day + 1:02d}"})
        number = night()["_id"]
        store.note(number, taken_at=START + timedelta(days=day))
        contents[number] = content(store, number)
    before = store.database["rows.reports"].count_documents({})
    gone = rotate(store)
    assert gone == [1, 2, 3, 5], "seven days, and the Sunday of the week before"
    assert {one["_id"] for one in store.generations()} == contents.keys() - set(gone)
    for number in contents.keys() - set(gone):
        assert content(store, number) == contents[number]
        assert store.generation(number)["state"] == BackupState.WHOLE
    assert store.database["rows.reports"].count_documents({}) < before
    assert rotate(store) == []
