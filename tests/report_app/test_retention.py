"""A person says for how long messages are kept, on the page and by the API; what is lost for good is said first."""

from datetime import timedelta

import pytest

from contracts.names import Collection
from contracts.retention import LEAST_DAYS, MOST_DAYS
from tests.report_app.documents import NOW

ADDRESS = "/shops/nordlicht/settings"
API = "/api/v1/shops/nordlicht/settings/retention"


@pytest.fixture
def keep(browse):
    return lambda days, confirmed="", shop="nordlicht": browse.post(
        f"/shops/{shop}/settings/retention", data={"retention_days": days, "confirmed": confirmed}
    )


def kept(shops):
    return shops.find_one({"_id": "nordlicht"}).get("retention_days")


def test_the_page_says_how_long_messages_are_kept(browse, shops):
    assert "Messages are kept for ever." in browse.get(ADDRESS).text
    shops.update_one({"_id": "nordlicht"}, {"$set": {"retention_days": 90}})
    assert "Messages are kept for 90 days." in browse.get(ADDRESS).text


def test_what_is_lost_is_said_and_nothing_happens_before_it_is_confirmed(keep, shops, database):
    answer = keep("90")
    assert answer.status_code == 400
    assert "Messages of the days before 26 August 2026 are deleted from the archive for good" in answer.text
    assert "Delete them, and keep 90 days" in answer.text
    assert (kept(shops), database[Collection.AUDIT].count_documents({})) == (None, 0)
    assert keep("90", confirmed="365").status_code == 400, "other days were confirmed"
    answer = keep("90", confirmed="90")
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}#keep-title")
    assert kept(shops) == 90
    [entry] = database[Collection.AUDIT].find({}, {"_id": 0})
    assert entry == {
        "at": NOW,
        "who": "anna@example.com",
        "merchant": "nordlicht",
        "action": "retention_changed",
        "retention_days": 90,
        "before": None,
    }


def test_what_loses_nothing_needs_no_confirmation(keep, shops):
    shops.update_one({"_id": "nordlicht"}, {"$set": {"retention_days": 90}})
    assert keep("400").status_code == 303
    assert keep(" ").status_code == 303
    assert kept(shops) is None
    shops.update_one({"_id": "nordlicht"}, {"$set": {"archive_from": NOW - timedelta(days=60)}})
    assert keep("90").status_code == 303, "these days are gone already"


def test_days_that_cannot_be_chosen_are_named_with_those_that_can(keep, shops):
    for days in (str(LEAST_DAYS - 1), str(MOST_DAYS + 1), "0", "-90", "90.5", "٩٠", "ninety", "9" * 400):
        answer = keep(days, confirmed=days)
        assert answer.status_code == 400, days
        assert "Enter a whole number of days from 30 to 3650, or nothing to keep everything." in answer.text
    assert kept(shops) is None


def test_the_shop_of_somebody_else_stays_as_it_is(keep, browse, shops):
    assert keep("90", "90", shop="other").status_code == 404
    wanted = {"retention_days": 90, "confirmed": True}
    assert browse.put("/api/v1/shops/other/settings/retention", json=wanted).status_code == 404
    assert shops.count_documents({"retention_days": 90}) == 0


def test_the_api(browse, shops):
    answer = browse.put(API, json={"retention_days": 90})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_settings", "confirmed")
    assert "26 August 2026" in answer.json["sentence"]
    answer = browse.put(API, json={"retention_days": 90, "confirmed": True})
    assert (answer.status_code, answer.json["retention_days"], answer.json["archive_from"]) == (200, 90, None)
    assert browse.put(API, json={"retention_days": None}).json["retention_days"] is None
    answer = browse.put(API, json={"retention_days": None})
    assert (answer.status_code, answer.json["field"]) == (400, "retention_days"), "nothing would change"


def test_a_body_that_is_none(browse, shops):
    for body in (None, [], {}, {"retention_days": "90"}, {"retention_days": True}, {"retention_days": 90, "now": 1}):
        answer = browse.put(API, json=body)
        assert (answer.status_code, answer.json["field"]) == (400, "retention_days"), body
    assert kept(shops) is None


def test_often_is_too_often(keep):
    assert [keep(str(400 + n), str(400 + n)).status_code for n in range(6)] == [303] * 5 + [429]
