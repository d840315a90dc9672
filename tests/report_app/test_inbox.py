import re
from datetime import timedelta

import pytest

from contracts.books import Fates
from contracts.names import Collection
from contracts.reports import Family
from report_app.reading.fates import read_fates
from tests.report_app.documents import NOW, Archive, commit_batch, local_hour, merchant, quality, user
from tests.report_app.failed import MESSAGE, counted, failed

CAUSE = failed(0)["cause"]
PERSONAL = ("anna", "berg", "lindenweg", "1234567", "4111", "10000234567")


@pytest.fixture
def filled(database):
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other")])
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    statuses = ["parked", "parked", "waiting", "repairing", "repaired", "dropped"]
    database[Collection.FAILED_EVENTS].insert_many(
        [
            *[failed(number, status) for number, status in enumerate(statuses)],
            failed(9, code="bad_time", field="timestamp", message={"type": "page", "timestamp": "5/6/2026 10:11:12"}),
            failed(0, merchant="other"),
        ]
    )
    return database


@pytest.fixture
def browse(filled, sign_in):
    return sign_in()


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_causes_are_counted_with_the_sentence_and_when_they_were_seen(browse):
    text = words(browse.get("/shops/nordlicht/inbox"))
    assert (
        "An amount is not a number. 4 waiting Order Completed · properties.revenue · 23 Nov, 10:00 – 23 Nov, 10:05"
        in text
    )
    counts = "Waiting for you: 2 · Waiting for the next try: 1 · On their way again: 1 · Repaired and counted: 1 · Dropped: 1"
    assert counts in text
    assert text.index("An amount is not a number") < text.index("A time could not be read. 1 waiting")


def test_a_shop_without_errors_is_told_so(browse, filled):
    filled[Collection.FAILED_EVENTS].delete_many({})
    assert "Every message could be used." in words(browse.get("/shops/nordlicht/inbox"))


def test_samples_show_structure_and_nothing_about_a_person(browse):
    answer = browse.get(f"/shops/nordlicht/inbox/{CAUSE}")
    page, text = answer.get_data(as_text=True).lower(), words(answer).lower()
    sample = page[page.index("samples-title") : page.index("repair-title")]
    assert [word for word in PERSONAL if word in sample] == []
    assert "onerror" not in sample
    assert "street 11 characters" in text
    assert "revenue a lot ••• •••" in text
    assert "currency eur" in text
    assert "send a plain number such as 12.50." in text


def test_a_bad_time_is_shown_as_it_was_sent(browse):
    cause = failed(9, code="bad_time", field="timestamp", message={"type": "page"})["cause"]
    assert "timestamp 5/6/2026 10:11:12" in words(browse.get(f"/shops/nordlicht/inbox/{cause}"))


def test_what_is_counted_only_is_said(browse, filled):
    filled[Collection.ERROR_CAUSES].insert_one(counted(failed(0)))
    text = words(browse.get(f"/shops/nordlicht/inbox/{CAUSE}"))
    assert "Waiting for you 702" in text
    assert "700 of these are counted only." in text
    assert "24 Nov, 11:00" in text


@pytest.mark.parametrize("path", ["inbox", f"inbox/{CAUSE}"])
@pytest.mark.parametrize("start", ["/shops", "/api/v1/shops"])
def test_another_merchants_inbox_does_not_exist(browse, start, path):
    assert browse.get(f"{start}/other/{path}").status_code == 404


def test_another_merchants_cause_does_not_exist(browse, filled):
    cause = failed(0, merchant="other")["cause"]
    for start in ("/shops", "/api/v1/shops"):
        assert browse.get(f"{start}/nordlicht/inbox/{cause}").status_code == 404
        assert browse.get(f"{start}/nordlicht/inbox/$ne").status_code == 404
    assert browse.post(f"/shops/nordlicht/inbox/{cause}", data={"action": "drop"}).status_code == 404
    assert filled[Collection.REPAIR_RULES].count_documents({}) == 0


def test_without_a_token_nothing_is_decided(app, filled, sign_in):
    browse = sign_in()
    app.config["WTF_CSRF_ENABLED"] = True
    assert browse.post(f"/shops/nordlicht/inbox/{CAUSE}", data={"action": "drop"}).status_code == 400
    assert filled[Collection.REPAIR_RULES].count_documents({}) == 0


def decide(browse, **form):
    return browse.post(f"/shops/nordlicht/inbox/{CAUSE}", data=form)


def test_a_rule_is_an_order_with_a_record_of_who_and_when(browse, filled):
    answer = decide(browse, action="set_field", field="properties.revenue", to="5")
    assert (answer.status_code, answer.location) == (303, f"/shops/nordlicht/inbox/{CAUSE}")
    order = filled[Collection.REPAIR_RULES].find_one({"_id": CAUSE})
    assert order["rule"] == {"action": "set_field", "field": "properties.revenue", "to": "5"}
    assert (order["is_active"], order["replay"]["state"], order["made_by"]) == (True, "asked", "anna@example.com")
    record = filled[Collection.AUDIT].find_one()
    assert (record["who"], record["merchant"], record["action"], record["cause"]) == (
        "anna@example.com",
        "nordlicht",
        "replay_asked",
        CAUSE,
    )
    assert (record["rule"], record["replay"]) == (order["rule"], order["replay"]["number"])
    text = words(browse.get(answer.location))
    assert "Set properties.revenue to “5”. Decided by anna@example.com, 24 Nov, 14:32. Asked for" in text
    done = {"replay.state": "done", "replay.sent": 3, "replay.unfit": 1, "replay.done_at": NOW}
    filled[Collection.REPAIR_RULES].update_one({}, {"$set": done})
    assert "Carried out 24 Nov, 14:32: 3 sent again, 1 did not fit." in words(browse.get(answer.location))


def test_a_rule_can_be_stopped(browse, filled):
    decide(browse, action="map_event", field="Bought", to="Order Completed")
    assert "Stop using this rule" in words(browse.get(f"/shops/nordlicht/inbox/{CAUSE}"))
    decide(browse, action="stop")
    assert filled[Collection.REPAIR_RULES].find_one()["is_active"] is False
    assert filled[Collection.AUDIT].count_documents({"action": "rule_stopped"}) == 1


def test_messages_are_sent_again_as_they_are_without_a_rule(browse, filled):
    decide(browse, action="send_again")
    order = filled[Collection.REPAIR_RULES].find_one()
    assert (order["rule"], order["is_active"], order["replay"]["state"]) == (None, False, "asked")


def test_what_is_no_rule_is_refused_with_a_sentence_at_its_field(browse, filled):
    answer = decide(browse, action="set_field", field="messageId", to="<b>")
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "Name a field such as properties.currency" in page
    assert 'value="messageId" aria-invalid="true"' in page
    assert "<b>" not in page.replace("<b>Set", "")
    assert filled[Collection.AUDIT].count_documents({}) == 0


def test_the_inbox_as_json_holds_nothing_of_a_message(browse, filled):
    answer = browse.get("/api/v1/shops/nordlicht/inbox")
    first = answer.json["causes"][0]
    assert (first["id"], first["waiting"], first["by_status"]["repaired"]) == (CAUSE, 4, 1)
    assert (first["code"], first["field"], first["event"]) == ("bad_amount", "properties.revenue", MESSAGE["event"])
    assert [word for word in PERSONAL if word in answer.get_data(as_text=True).lower()] == []
    one = browse.get(f"/api/v1/shops/nordlicht/inbox/{CAUSE}")
    assert one.json["cause"] == first
    assert (
        browse.get("/api/v1/shops/nordlicht/inbox", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )


def test_the_fates_of_hours_with_floods_and_rejected_copies(filled):
    copy = {"attempt": 1, "outcome": "rejected", "event_hour": "2026-11-23T09:00Z"}
    elsewhere = failed(20, "dropped", event_hour="2026-11-22T09:00Z", attempts=[copy, copy | {"outcome": "accepted"}])
    filled[Collection.FAILED_EVENTS].insert_one(elsewhere)
    filled[Collection.ERROR_CAUSES].insert_one(counted(failed(0)))
    assert read_fates(filled, "nordlicht", ["2026-11-23T09:00Z"]) == Fates(
        708, waiting=5 + 700, repaired=1, dropped=1 + 1
    )
    assert read_fates(filled, "nordlicht", ["2026-11-22T09:00Z"]) == Fates(1, dropped=1)


def test_the_quality_page_says_what_became_of_them(browse, filled):
    counts = {"received": 20, "accepted": 12, "rejected": 8}
    Archive(filled).hour(
        Family.QUALITY, local_hour("2026-11-23 10"), quality(**counts, rejected_by_code={"bad_amount": 8}), **counts
    )
    text = words(browse.get("/shops/nordlicht/quality?range=7d"))
    lines = (
        "Could not be used 8 of these waiting in the inbox 5 of these repaired, and counted where they came back 1 "
        "of these dropped by a person 1 of these on their way to the inbox 1"
    )
    assert text.count(lines) == 2
    assert browse.get("/api/v1/shops/nordlicht/quality?range=7d").json["rejected"] == {
        "waiting": 5,
        "repaired": 1,
        "dropped": 1,
    }
