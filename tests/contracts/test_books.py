from datetime import UTC, datetime, timedelta

import pytest

from contracts.books import Books, Fates, added, fates_by_hour, hour_books, is_settled

COMPUTED = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = COMPUTED + timedelta(seconds=10)
COUNTS = {"received": 9, "returned": 1, "accepted": 4, "duplicate": 2, "bot": 1, "rejected": 3}
FILED = Fates(filed=3, waiting=1, repaired=1, dropped=1)


def test_both_sums_come_out_even():
    books = hour_books(COUNTS, FILED, is_settled=True)
    assert (books.adds_up, books.is_settled, books.rejected) == (True, True, 3)


@pytest.mark.parametrize(
    ("counts", "inbox", "missing"),
    [
        ({"accepted": 3}, FILED, 1),
        ({"received": 8}, FILED, 1),
        ({}, Fates(filed=2, waiting=1, repaired=1), 1),
        ({}, Fates(filed=4, waiting=4), 1),
        ({}, Fates(filed=3, waiting=2), 1),
        ({"accepted": 3}, Fates(), 4),
    ],
    ids=["an outcome too few", "an arrival too few", "a fate too few", "one too many", "an unknown status", "both"],
)
def test_what_is_left_over_is_not_accounted_for(counts, inbox, missing):
    assert hour_books(COUNTS | counts, inbox, is_settled=True).not_accounted_for == missing


def test_on_its_way_is_no_difference_and_yet_said():
    books = hour_books(COUNTS, Fates(filed=1, waiting=1), is_settled=False)
    assert (books.adds_up, books.on_its_way) == (True, 2)


def test_a_missing_outcome_is_never_on_its_way():
    assert hour_books(COUNTS | {"accepted": 3}, FILED, is_settled=False).not_accounted_for == 1


def test_two_wrong_hours_are_no_right_day():
    more, less = (hour_books(COUNTS, Fates(filed=n, waiting=n), is_settled=True) for n in (4, 2))
    assert added(Books, [more, less]).not_accounted_for == 2
    assert added(Books, []) == Books()


@pytest.mark.parametrize(
    ("rejected", "filed", "filed_until", "busy", "settled"),
    [
        (2, 2, None, True, True),
        (2, 1, None, False, False),
        (2, 1, COMPUTED, False, False),
        (2, 1, LATER, False, True),
        (2, 1, LATER, True, True),
        (1, 2, LATER, True, False),
        (1, 2, None, False, True),
    ],
)
def test_a_difference_counts_once_nothing_is_on_its_way(rejected, filed, filed_until, busy, settled):
    assert is_settled(rejected, filed, COMPUTED, filed_until, busy) is settled


def test_statuses_are_fates_and_a_flood_waits():
    statuses = ("waiting", "repairing", "parked", "repaired", "dropped", "melted")
    groups = [{"_id": {"hour": "h1", "status": status}, "count": 2} for status in statuses]
    floods = [
        {"_id": "h1", "waiting": 100, "dropped": 3},
        {"_id": "elsewhere", "waiting": 7, "dropped": 0},
        {"_id": "h2", "waiting": 1, "dropped": 0},
    ]
    assert fates_by_hour(groups, floods, ["h1", "h2", "h3"]) == {
        "h1": Fates(filed=115, waiting=106, repaired=2, dropped=5),
        "h2": Fates(filed=1, waiting=1),
        "h3": Fates(),
    }
