"""Rehearsals as a person asks for them and reads them, on pages and in JSON."""

import re
from datetime import timedelta

import pytest

from contracts.names import Collection
from contracts.rehearsals import rehearsal_id
from tests.report_app.documents import NOW, commit_batch, merchant, user
from tests.report_app.failed import failed

CAUSE = failed(0)["cause"]
RULE = {"action": "set_field", "field": "properties.revenue", "to": "40"}
ADDRESS = f"/shops/nordlicht/inbox/{rehearsal_id(CAUSE, RULE).replace('/', '/rehearsals/')}"


def day(name, **overrides):
    base = dict.fromkeys(("orders", "sales", "refunds", "cancelled", "net", "page_views", "events"), 0)
    return {"day": name, "without_rate": {}} | base | overrides


DAYS = [
    day("2026-11-19", orders=-1, sales=-500, net=-500, events=1),
    day("2026-11-20", orders=3, sales=15_000, refunds=3_000, net=12_000, events=4, without_rate={"USD": 4_000}),
]
MESSAGES = {"waiting": 7, "looked_at": 7, "counted": 4, "copies": 1, "bots": 0, "unfit": 1, "dropped": 0}
RESULT = {"currency": "EUR", "sequence": 9, "messages": MESSAGES | {"rejected": {"bad_time": 1}}, "days": DAYS}


@pytest.fixture
def filled(database):
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other")])
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    database[Collection.FAILED_EVENTS].insert_many([failed(0), failed(1), failed(0, merchant="other")])
    return database


@pytest.fixture
def browse(filled, sign_in):
    return sign_in()


@pytest.fixture
def ask(browse):
    return lambda **form: browse.post(f"/shops/nordlicht/inbox/{CAUSE}", data={"step": "rehearse"} | RULE | form)


@pytest.fixture
def become(filled):
    """What the job does."""
    return lambda state, **fields: filled[Collection.REHEARSALS].update_one({}, {"$set": {"state": state} | fields})


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_a_person_asks_and_is_recorded_and_nothing_is_replayed(ask, filled):
    answer = ask()
    assert (answer.status_code, answer.location) == (303, ADDRESS)
    found = filled[Collection.REHEARSALS].find_one()
    assert (found["merchant"], found["cause"], found["rule"]) == ("nordlicht", CAUSE, RULE)
    assert (found["state"], found["attempts"], found["asked_by"]) == ("requested", 0, "anna@example.com")
    assert found["complete_until"] == NOW - timedelta(seconds=9)
    record = filled[Collection.AUDIT].find_one()
    assert (record["who"], record["action"], record["rehearsal"]) == (
        "anna@example.com",
        "rehearsal_asked",
        found["_id"],
    )
    assert filled[Collection.REPAIR_RULES].count_documents({}) == 0


def test_one_rehearsal_for_a_cause_and_a_rule(ask, filled, become):
    for _ in range(3):
        ask()
    ask(to="41")
    assert filled[Collection.REHEARSALS].count_documents({}) == 2
    assert filled[Collection.AUDIT].count_documents({}) == 2
    filled[Collection.REHEARSALS].delete_one({"rule.to": "41"})
    become("ready", result=RESULT, attempts=1)
    ask()
    again = filled[Collection.REHEARSALS].find_one()
    assert (again["state"], again["result"], again["attempts"]) == ("requested", None, 0)


def test_the_page_waits_for_the_result_and_then_shows_it(ask, browse, become):
    ask()
    text = browse.get(ADDRESS).get_data(as_text=True)
    assert "data-awaited" in text and "data-until-ready" in text
    part = browse.get(f"{ADDRESS}?part=main")
    again = browse.get(f"{ADDRESS}?part=main", headers={"If-None-Match": part.headers["ETag"]})
    assert again.status_code == 304
    become("ready", result=RESULT, changed_at=NOW + timedelta(seconds=12))
    answer = browse.get(f"{ADDRESS}?part=main")
    assert "data-awaited" not in answer.get_data(as_text=True)
    text = words(answer)
    assert "Computed at 24 Nov, 14:33:00 with all that arrived until 24 Nov, 14:32:39." in text
    assert "+2 orders, +€115.00 net sales, +US$40.00 without a rate in all" in text
    assert (
        "+3 orders, +€120.00 net sales, +US$40.00 without a rate on Fri 20 Nov Sales +€150.00 · Refunds +€30.00" in text
    )
    assert "−1 order, −€5.00 net sales on Thu 19 Nov" in text
    assert (
        "Would count 4 Copies of messages that count already 1 Would be rejected again: A time could not be read. 1"
        in text
    )
    assert "Only the newest" not in text and "Replay with this rule" in text


def test_what_was_not_looked_at_is_said(ask, browse, become):
    ask()
    become("ready", result=RESULT | {"messages": RESULT["messages"] | {"waiting": 12_345, "looked_at": 5_000}})
    assert "Only the newest 5,000 of 12,345 messages were looked at. A replay sends all of them." in words(
        browse.get(ADDRESS)
    )


def test_a_replay_from_the_rehearsal_is_the_same_as_one_from_the_cause(ask, browse, filled, become):
    ask()
    become("ready", result=RESULT)
    page = browse.get(ADDRESS).get_data(as_text=True)
    form = page[page.index("changes-title") :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert browse.post(f"/shops/nordlicht/inbox/{CAUSE}", data=fields).status_code == 303
    order = filled[Collection.REPAIR_RULES].find_one({"_id": CAUSE})
    assert (order["rule"], order["replay"]["state"], order["made_by"]) == (RULE, "asked", "anna@example.com")
    assert filled[Collection.AUDIT].count_documents({"action": "replay_asked"}) == 1


@pytest.mark.parametrize(("action", "button"), [("send_again", "Replay without a rule"), ("drop", "Drop them")])
def test_what_is_no_rule_of_a_field_is_rehearsed_too(ask, browse, become, action, button):
    address = ask(action=action).location
    become("ready", result=RESULT | {"days": []})
    text = words(browse.get(address))
    assert "No number would change." in text and button in text


def test_one_that_failed_says_so(ask, browse, become):
    ask()
    become("failed")
    assert "Three attempts did not bring a result" in words(browse.get(ADDRESS))
    assert f"{RULE['to']}”. Failed: see what would change" in words(browse.get(f"/shops/nordlicht/inbox/{CAUSE}"))


def test_what_is_no_rule_is_refused(ask, filled):
    answer = ask(field="messageId")
    assert answer.status_code == 400
    assert "Name a field such as properties.currency" in answer.get_data(as_text=True)
    assert filled[Collection.REHEARSALS].count_documents({}) == 0


def test_another_shops_rehearsal_does_not_exist(ask, browse, filled):
    ask()
    cause = failed(0, merchant="other")["cause"]
    filled[Collection.REHEARSALS].update_one({}, {"$set": {"merchant": "other"}})
    for start in ("", "/api/v1"):
        assert browse.get(f"{start}{ADDRESS}").status_code == 404
        assert browse.get(f"{start}{ADDRESS}".replace("nordlicht", "other")).status_code == 404
        assert browse.get(f"{start}/shops/nordlicht/inbox/{CAUSE}/rehearsals/$ne").status_code == 404
    for path in ("rehearsals", "replays"):
        assert browse.post(f"/api/v1/shops/other/inbox/{cause}/{path}", json=RULE).status_code == 404
        assert browse.post(f"/api/v1/shops/nordlicht/inbox/{cause}/{path}", json=RULE).status_code == 404
    assert filled[Collection.REPAIR_RULES].count_documents({}) == 0


def test_without_a_token_nothing_is_rehearsed(app, filled, sign_in):
    browse = sign_in()
    app.config["WTF_CSRF_ENABLED"] = True
    page, api = f"/shops/nordlicht/inbox/{CAUSE}", f"/api/v1/shops/nordlicht/inbox/{CAUSE}"
    assert browse.post(page, data={"step": "rehearse"} | RULE).status_code == 400
    assert [browse.post(f"{api}/{path}", json=RULE).status_code for path in ("rehearsals", "replays")] == [400, 400]
    assert filled[Collection.REHEARSALS].count_documents({}) == filled[Collection.REPAIR_RULES].count_documents({}) == 0


def test_rehearsals_are_limited_by_hour_and_shop(ask, filled):
    assert [ask(to=str(number)).status_code for number in range(6)] == [303] * 5 + [429]
    assert filled[Collection.REHEARSALS].count_documents({}) == 5


def test_a_program_asks_reads_and_replays(browse, filled, become):
    start = f"/api/v1/shops/nordlicht/inbox/{CAUSE}"
    asked = browse.post(f"{start}/rehearsals", json=RULE)
    assert (asked.status_code, asked.json["rehearsal"]["state"]) == (202, "requested")
    become("ready", result=RESULT)
    found = browse.get(f"{start}/rehearsals/{asked.json['rehearsal']['rehearsal']}").json["rehearsal"]
    assert (found["rule"], found["complete_until"]) == (RULE, "2026-11-24T13:32:39Z")
    assert found["result"]["days"][1] | {"events": 4} == DAYS[1] | {
        "sales": "150.00", "refunds": "30.00", "cancelled": "0.00", "net": "120.00", "without_rate": {"USD": "40.00"},
    }  # fmt: skip
    assert browse.post(f"{start}/replays", json=RULE).status_code == 202
    assert filled[Collection.REPAIR_RULES].find_one()["rule"] == RULE
    assert [one["action"] for one in filled[Collection.AUDIT].find()] == ["rehearsal_asked", "replay_asked"]


@pytest.mark.parametrize("body", [None, [], {"action": 1}, {"action": "set_field", "field": "messageId", "to": "x"}])
def test_a_program_that_sends_no_rule_is_told_so(browse, filled, body):
    for path in ("rehearsals", "replays"):
        answer = browse.post(f"/api/v1/shops/nordlicht/inbox/{CAUSE}/{path}", json=body)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_rule")
    assert filled[Collection.AUDIT].count_documents({}) == 0


def test_a_day_of_which_only_events_change_says_so_once(ask, become, browse):
    ask()
    become("ready", result=RESULT | {"days": [day("2026-11-20", events=1)]}, changed_at=NOW)
    text = words(browse.get(ADDRESS))
    assert "+1 event on Fri 20 Nov" in text and text.count("+1 event") == 1
