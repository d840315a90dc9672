"""N good, D copies and B bad messages: N are counted, D are duplicates, B are in the inbox as they were sent."""

import pytest

from contracts.names import Collection
from contracts.reports import Family
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.loop_messages import bad_messages, good_messages, later_messages

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def shop(second_wave):
    return second_wave.first.loop


def test_good_copies_and_bad_are_counted_and_nothing_else(shop):
    good = len(good_messages()) + len(later_messages())
    copies = len(range(0, good, 7)) + len(range(0, good, 11))
    bad = len(bad_messages()) + 1
    assert shop.books() == {
        "received": good + copies + bad,
        "returned": 0,
        "accepted": good,
        "duplicate": copies,
        "bot": 0,
        "rejected": bad,
    }


def test_the_books_balance(shop, second_wave):
    assert_books_balance(shop)
    assert_books_balance(second_wave.mended)


def test_every_report_is_what_the_oracle_says(shop):
    assert_reports_are_right(shop)


def test_the_bad_are_in_the_inbox_with_their_own_bytes(shop):
    inbox = list(shop.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant}))
    found = {(bytes(error["original"]), error["code"]) for error in inbox}
    assert found == {(content, code) for content, code, _ in bad_messages()} | {(b'{"type":"track",', "bad_json")}
    assert len(inbox) == len(found)
    assert all(error["status"] == "parked" and error["place"] and error["envelope"] for error in inbox)


def test_what_rules_repair_is_counted_once_as_returned(second_wave):
    mended = second_wave.mended
    assert mended.books() == {
        "received": 2,
        "returned": 2,
        "accepted": 2,
        "duplicate": 0,
        "bot": 0,
        "rejected": 2,
    }
    (hour,) = [hour for hour in mended.hours(Family.SALES).values() if hour["orders"]]
    assert (hour["converted"]["sales"], hour["converted"]["refunds"]) == (123_450, 3_450)
    inbox = list(mended.database[Collection.FAILED_EVENTS].find({"merchant": mended.merchant}))
    assert {error["status"] for error in inbox} == {"repaired"}


def test_a_page_key_may_not_refund(first_wave):
    assert_reports_are_right(first_wave.page)
    assert first_wave.page.books()["rejected"] == 2
