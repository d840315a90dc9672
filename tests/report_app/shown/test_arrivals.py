"""Arrivals in words; a person's data stays out."""

from report_app.arrivals.fates import RECEIVED as JUST_RECEIVED
from report_app.arrivals.fates import Fate, FateState
from report_app.formats import Formats
from report_app.shown.arrivals import shown_arrival
from tests.report_app.arrivals.envelopes import RECEIVED, arrival

FORMATS = Formats("en_GB", "Europe/Berlin", "EUR")


def test_each_fate_has_its_word():
    words = {state: shown_arrival(arrival(), Fate(state), FORMATS).word for state in FateState}
    assert list(words.values()) == ["Received", "Counted", "Copy", "Not used", "Set aside"]


def test_a_row_says_when_what_and_by_which_key():
    shown = shown_arrival(arrival(place=(2, 7)), JUST_RECEIVED, FORMATS)
    assert (shown.id, shown.clock, shown.title) == ("arrival-2-7", "14:32:05", "Product Viewed")
    assert shown.about == "track · Page key 2 · v1/batch"


def test_a_copy_says_when_the_first_came_and_a_rejected_one_why():
    copy = shown_arrival(arrival(), Fate(FateState.COPY, first_at=RECEIVED), FORMATS)
    assert "14:32:05" in copy.why
    bad = shown_arrival(arrival(), Fate(FateState.REJECTED, "bad_amount", "properties.total"), FORMATS)
    assert bad.why == "An amount is not a number. (properties.total)" and bad.fix


def test_people_stay_out():
    event = {"event": "Hello anna@example.com", "type": "+49 170 123 4567"}
    text = str(shown_arrival(arrival(event), JUST_RECEIVED, FORMATS))
    assert "12.50" in text
    assert not any(secret in text for secret in ("anna@", "Anna Berg", "a-secret-visitor", "123 4567"))


def test_rows_sort_by_when_they_were_received():
    places = [(0, 9), (0, 10), (11, 2)]
    orders = [shown_arrival(arrival(place=place), JUST_RECEIVED, FORMATS).order for place in places]
    assert orders == sorted(orders)
