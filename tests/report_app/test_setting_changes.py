"""A person changes the time zone or currency of a shop's reports, on the page and by the API."""

import pytest

from contracts.names import Collection
from tests.report_app.documents import NOW

ADDRESS = "/shops/nordlicht/settings"
API = "/api/v1/shops/nordlicht/settings"


@pytest.fixture
def order(browse):
    return lambda zone="Asia/Tokyo", currency="USD", shop="nordlicht": browse.post(
        f"/shops/{shop}/settings/change", data={"time_zone": zone, "currency": currency}
    )


def page(browse):
    return browse.get(ADDRESS).get_data(as_text=True)


def test_the_page_offers_the_zones_and_currencies_with_those_of_now_chosen(browse):
    text = page(browse)
    assert "<option selected>Europe/Berlin</option>" in text
    assert "<option selected>EUR</option>" in text
    assert "<option>Asia/Kathmandu</option>" in text


def test_an_order_stands_in_the_shop_the_audit_and_the_page(order, browse, shops, database):
    answer = order()
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}#place-title")
    ordered = shops.find_one({"_id": "nordlicht"})["next"]
    assert ordered == {
        "settings_version": 2,
        "time_zone": "Asia/Tokyo",
        "currency": "USD",
        "ordered_by": "anna@example.com",
        "ordered_at": NOW,
        "state": "ordered",
        "after": None,
        "attempts": 0,
        "scopes": 0,
        "computed": 0,
    }
    [entry] = database[Collection.AUDIT].find()
    assert (entry["action"], entry["who"], entry["time_zone"]) == ("settings_ordered", "anna@example.com", "Asia/Tokyo")
    text = page(browse)
    assert "Change to Asia/Tokyo, in USD. It begins as soon as the messages that came before it are counted" in text
    assert "every page shows Europe/Berlin, in EUR" in text


def test_the_page_says_how_far_it_is(order, browse, shops):
    order()
    shops.update_one(
        {"_id": "nordlicht"}, {"$set": {"next.state": "building", "next.scopes": 8760, "next.computed": 1200}}
    )
    assert "1,200 of 8,760 hours and days are built." in page(browse)
    shops.update_one({"_id": "nordlicht"}, {"$set": {"next.state": "failed"}})
    assert "could not be built in three attempts. Nothing has changed for you." in page(browse)


@pytest.mark.parametrize(
    ("zone", "currency", "sentence"),
    [
        ("Mars/Olympus", "EUR", "This is no time zone"),
        ("../../etc/passwd", "EUR", "This is no time zone"),
        ("Asia/Tokyo", "EURO", "This is no currency"),
        ("Europe/Berlin", "eur", "in this time zone and currency already"),
    ],
)
def test_what_cannot_be_ordered_stays_in_the_form_with_its_reason(order, shops, zone, currency, sentence):
    answer = order(zone, currency)
    assert answer.status_code == 400
    assert sentence in answer.get_data(as_text=True)
    assert "next" not in shops.find_one({"_id": "nordlicht"})


def test_one_change_at_a_time(order, shops):
    order()
    answer = order("Asia/Kolkata")
    assert answer.status_code == 400
    assert shops.find_one({"_id": "nordlicht"})["next"]["time_zone"] == "Asia/Tokyo"


def test_a_cancelled_version_is_never_used_again(order, browse, shops):
    order()
    assert browse.post(f"{ADDRESS}/change/cancel").status_code == 303
    found = shops.find_one({"_id": "nordlicht"})
    assert "next" not in found
    assert found["former"] == [{"settings_version": 2, "until": NOW}]
    order()
    assert shops.find_one({"_id": "nordlicht"})["next"]["settings_version"] == 3


def test_cancelling_nothing_does_nothing(browse, shops):
    before = shops.find_one({"_id": "nordlicht"})
    assert browse.post(f"{ADDRESS}/change/cancel").status_code == 303
    assert shops.find_one({"_id": "nordlicht"}) == before


def test_the_shop_of_somebody_else_stays_as_it_is(order, browse, shops):
    assert order(shop="other").status_code == 404
    assert browse.post("/shops/other/settings/change/cancel").status_code == 404
    assert browse.put("/api/v1/shops/other/settings", json={}).status_code == 404
    assert "next" not in shops.find_one({"_id": "other"})


def test_often_is_too_often(order, browse):
    for _ in range(5):
        assert order().status_code == 303
        browse.post(f"{ADDRESS}/change/cancel")
    assert order().status_code == 429


def test_the_api(browse):
    wanted = {"time_zone": "Asia/Tokyo", "currency": "USD"}
    answer = browse.put(API, json=wanted)
    assert answer.status_code == 202
    found = browse.get(API).json
    assert found == answer.json
    assert (found["time_zone"], found["currency"], found["message_currency"]) == ("Europe/Berlin", "EUR", "EUR")
    assert found["next"] == wanted | {
        "settings_version": 2,
        "state": "ordered",
        "ordered_at": "2026-11-24T13:32:48Z",
        "scopes": 0,
        "computed": 0,
    }
    assert browse.delete(f"{API}/next").status_code == 204
    assert browse.get(API).json["next"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "time_zone"),
        ([], "time_zone"),
        ({"time_zone": "Asia/Tokyo"}, "time_zone"),
        ({"time_zone": "Asia/Tokyo", "currency": 978}, "time_zone"),
        ({"time_zone": "Asia/Tokyo", "currency": "XXY"}, "currency"),
    ],
)
def test_a_body_that_is_none_of_settings(browse, body, field):
    answer = browse.put(API, json=body)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_settings", field)
