"""The books on the quality page and in the API."""

from datetime import timedelta

import pytest

from contracts.ledger import CAUGHT_UP
from contracts.names import Collection, Topic
from contracts.reports import Family
from contracts.zones import hour_key
from tests.report_app.documents import NOW, Archive, commit_batch, local_hour, merchant, quality, user

START = local_hour("2026-11-23 10")
PAGE, API = "/shops/nordlicht/quality", "/api/v1/shops/nordlicht/books"


@pytest.fixture
def visitor(database, sign_in):
    """Signed in; of ten o'clock yesterday one of two rejected messages is in the inbox, and no more will come."""
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    database[Collection.PLATFORM].insert_one({"_id": CAUGHT_UP[Topic.ERRORS], "caught_up_at": NOW})
    database[Collection.FAILED_EVENTS].insert_one(
        {"merchant": "nordlicht", "event_hour": hour_key(START), "status": "waiting"}
    )
    commit_batch(database, NOW - timedelta(seconds=9))
    Archive(database).hour(
        Family.QUALITY,
        START,
        quality(received=1_203, accepted=1_201, rejected=2),
        computed_at=(NOW - timedelta(minutes=5)).isoformat(),
    )
    return sign_in()


@pytest.mark.parametrize(("range_", "row"), [("yesterday", "10:00"), ("7d", "Mon 23 Nov")])
def test_the_page_says_in_words_what_does_not_add_up(visitor, range_, row):
    text = visitor.get(f"{PAGE}?range={range_}").get_data(as_text=True)
    table = text[text.index('<table class="books">') : text.index("</tfoot>")]
    assert row in table and "1,203" in table
    assert table.count("Not accounted for: 1") == 2


def test_the_page_says_that_it_adds_up(visitor, database):
    database[Collection.FAILED_EVENTS].insert_one(
        {"merchant": "nordlicht", "event_hour": hour_key(START), "status": "dropped"}
    )
    text = visitor.get(f"{PAGE}?range=yesterday").get_data(as_text=True)
    assert "Adds up" in text and "Not accounted for:" not in text


def test_a_range_without_messages_says_so(visitor):
    assert "No message reached us" in visitor.get(f"{PAGE}?range=today").get_data(as_text=True)


def test_the_api_has_the_same_books(visitor):
    body = visitor.get(f"{API}?range=yesterday").json
    assert [row["start"] for row in body["books"]] == [hour_key(START)]
    assert body["wrong_hours"] == [hour_key(START)]
    counts = body["total"]
    assert (counts["received"], counts["rejected"], counts["waiting"]) == (1_203, 2, 1)
    assert (counts["not_accounted_for"], counts["on_its_way"], counts["is_settled"]) == (1, 0, True)


def test_books_of_another_shop_do_not_exist(visitor):
    assert visitor.get("/api/v1/shops/another/books").status_code == 404
