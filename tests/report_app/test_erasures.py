"""A person of a shop has somebody forgotten, on the page and by the API; no id is kept or shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.erasures import MOST_NAMED, ErasureState, Receipt, forgotten_of, signed
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId
from contracts.settings import Settings
from report_app import erasure_orders
from sealing import seal
from tests.report_app.conftest import ERASURE_SECRETS
from tests.report_app.documents import NOW, merchant, user

PAGE = "/shops/nordlicht/people"
API = "/api/v1/shops/nordlicht/erasures"
SECRETS = Settings(erasure_secrets=ERASURE_SECRETS).erasure_secrets_by_id()
ANNA = {"user_ids": ["anna-7"]}


@pytest.fixture
def browse(database, sign_in):
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other")])
    database[Collection.USERS].insert_one(user())
    return sign_in()


@pytest.fixture
def order(browse):
    def do(body=ANNA, shop="nordlicht", **more):
        return browse.post(f"/api/v1/shops/{shop}/erasures", json={**body, **more})

    return do


def the_one(database):
    [found] = database[Collection.ERASURES].find()
    return found


def test_an_order_stands_in_the_database_and_the_audit_without_the_id(order, database):
    answer = order()
    assert answer.status_code == 202 and answer.json["erasure"]["state"] == "ordered"
    found = the_one(database)
    assert (found["merchant"], found["state"], found["is_confirmed"]) == ("nordlicht", "ordered", True)
    assert (found["ordered_by"], found["after"], found["with_export"]) == ("anna@example.com", None, False)
    assert forgotten_of([found], SECRETS).has("nordlicht", [PersonId(IdKind.USER, "anna-7")])
    [entry] = database[Collection.AUDIT].find()
    assert (entry["action"], entry["erasure"]) == ("erasure_ordered", found["_id"])
    everything = [list(database[name].find()) for name in database.list_collection_names()]
    assert "anna-7" not in str(everything) and "anna-7" not in answer.get_data(as_text=True)


def test_ids_of_each_kind_and_what_is_to_be_done_with_them(order, database):
    body = {"anonymous_ids": ["b1", " b2 "], "order_ids": ["1001"]}
    assert order(body, reach="named", export=True, look_first=True).json["erasure"]["ids"] == {
        "anonymous": 2,
        "order": 1,
    }
    found = the_one(database)
    assert (found["reach"], found["with_export"], found["is_confirmed"]) == ("named", True, False)
    assert forgotten_of([found], SECRETS).has("nordlicht", [PersonId(IdKind.ANONYMOUS, "b2")])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "anonymous_ids"),
        ({"user_ids": []}, "anonymous_ids"),
        ({"user_ids": "anna"}, "user_ids"),
        ({"user_ids": [7]}, "user_ids"),
        ({"order_ids": ["undefined"]}, "order_ids"),
        ({"user_ids": ["x" * 513]}, "user_ids"),
        ({"user_ids": [str(n) for n in range(1, MOST_NAMED + 2)]}, "anonymous_ids"),
        ({"user_ids": ["a"], "reach": "everything"}, "reach"),
        ({"user_ids": ["a"], "export": "yes"}, "export"),
        ({"user_ids": ["a"], "emails": ["a@b.example"]}, "anonymous_ids"),
    ],
)
def test_what_cannot_be_ordered_is_said(order, database, body, field):
    answer = order(body)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_erasure", field)
    assert database[Collection.ERASURES].count_documents({}) == 0


def test_nobody_orders_or_sees_for_a_shop_that_is_not_theirs(order, browse, database):
    assert order(shop="other").status_code == 404
    database[Collection.ERASURES].insert_one({"_id": "other/0123456789ab", "merchant": "other"})
    for address in (f"{API}/0123456789ab", "/api/v1/shops/other/erasures", "/shops/other/people"):
        assert browse.get(address).status_code == 404
    assert database[Collection.ERASURES].count_documents({}) == 1


def test_nobody_orders_without_signing_in(visitor, database):
    assert visitor.post(API, json=ANNA).status_code == 401
    assert database[Collection.ERASURES].count_documents({}) == 0


def test_too_many_orders_in_an_hour_are_refused(order, monkeypatch):
    monkeypatch.setattr(erasure_orders, "QUOTA_AN_HOUR", 2)
    assert [order().status_code for _ in range(3)] == [202, 202, 429]


def test_without_a_secret_nobody_can_be_forgotten(order, app, database):
    known = app.extensions["footfall"]
    app.extensions["footfall"] = replace(known, settings=replace(known.settings, erasure_secrets=""))
    answer = order()
    assert (answer.status_code, answer.json["code"]) == (503, "not_set_up")
    assert database[Collection.ERASURES].count_documents({}) == 0


def number_of(database):
    return the_one(database)["_id"].partition("/")[2]


def test_who_looks_first_confirms_and_it_begins_again(order, browse, database):
    order(look_first=True)
    database[Collection.ERASURES].update_one({}, {"$set": {"state": "found", "after": 7, "needs_a_look": True}})
    answer = browse.post(f"{API}/{number_of(database)}/confirm")
    assert answer.status_code == 200
    found = the_one(database)
    assert (found["state"], found["after"], found["is_confirmed"], found["may_be_many"]) == (
        "ordered",
        None,
        True,
        True,
    )
    assert browse.post(f"{API}/{number_of(database)}/cancel").status_code == 409


def test_who_looks_first_may_cancel(order, browse, database):
    order(look_first=True)
    assert browse.post(f"{API}/{number_of(database)}/cancel").json["erasure"]["state"] == "cancelled"
    assert browse.post(f"{API}/{number_of(database)}/confirm").status_code == 409


def test_what_is_confirmed_cannot_be_cancelled(order, browse, database):
    order()
    assert browse.post(f"{API}/{number_of(database)}/cancel").status_code == 409
    assert the_one(database)["state"] == "ordered"


@pytest.fixture
def exported(order, database):
    """An erasure with an export of two pieces."""
    order(export=True)
    found = the_one(database)
    for number, piece in enumerate((b'{"messages":[', b"]}")):
        sealed = seal(piece, SECRETS["e1"], f"export/{found['_id']}/{number}")
        database[Collection.EXPORTS].insert_one({"erasure": found["_id"], "number": number, "sealed": sealed})
    database[Collection.ERASURES].update_one({}, {"$set": {"export": 2}})
    return found["_id"].partition("/")[2]


def test_an_export_is_one_document_that_nobody_keeps(exported, browse):
    address = browse.get(f"{API}/{exported}").json["erasure"]["export"]
    answer = browse.get(address)
    assert answer.json == {"messages": []}
    assert answer.headers["Cache-Control"] == "no-store" and "attachment" in answer.headers["Content-Disposition"]
    assert browse.get(f"{PAGE}/{exported}/export.json").json == {"messages": []}


def test_an_export_goes_when_a_person_says_so(exported, browse, database):
    assert browse.delete(f"{API}/{exported}/export").status_code == 204
    assert database[Collection.EXPORTS].count_documents({}) == 0
    assert browse.get(f"{API}/{exported}").json["erasure"]["export"] is None
    assert browse.get(f"{API}/{exported}/export").status_code == 404


def test_an_export_in_part_is_none(exported, browse, database):
    database[Collection.EXPORTS].delete_one({"number": 1})
    assert browse.get(f"{API}/{exported}/export").status_code == 404


def test_a_receipt_is_shown_and_checked(order, browse, database):
    order()
    at = "2026-11-24T10:00:00Z"
    receipt = signed(
        Receipt(
            erasure="nordlicht/1", merchant="nordlicht", ordered_at=at, done_at=at, ids={"user": 1}, removed=[], kafka={},
            left=[], key="e1",
        ),
        SECRETS["e1"],
    )  # fmt: skip
    change = {"state": str(ErasureState.DONE), "done_at": NOW + timedelta(hours=1), "receipt": receipt}
    database[Collection.ERASURES].update_one({}, {"$set": change})
    found = browse.get(f"{PAGE}/{number_of(database)}/receipt.json").json
    assert found == receipt
    assert browse.post("/api/v1/receipts", json=found).json == {"is_ours": True}
    assert browse.post("/api/v1/receipts", json=found | {"ids": {"user": 2}}).json == {"is_ours": False}
    assert browse.post("/api/v1/receipts", json=["x"]).json == {"is_ours": False}


def test_the_page_takes_one_id_a_line_and_shows_none_again(browse, database):
    form = {"user_ids": "anna-7\n\n", "order_ids": "1001\r\n1002", "action": "look", "export": "on"}
    assert browse.post(PAGE, data=form).status_code == 303
    found = the_one(database)
    assert (len(found["ids"]), found["is_confirmed"], found["with_export"], found["reach"]) == (
        3,
        False,
        True,
        "linked",
    )
    text = browse.get(PAGE).get_data(as_text=True)
    assert "1 user id, 2 orders" in text and "anna-7" not in text


def test_the_page_says_what_is_wrong_without_repeating_it(browse, database):
    answer = browse.post(PAGE, data={"user_ids": "undefined", "action": "forget"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "is no id" in text and ">undefined<" not in text


def test_what_was_found_waits_for_a_decision_on_the_page(order, browse, database):
    order(look_first=True)
    change = {"state": "found", "needs_a_look": True, "found": {"archive": 1234}}
    database[Collection.ERASURES].update_one({}, {"$set": change})
    text = browse.get(PAGE).get_data(as_text=True)
    assert "1,234 messages" in text and "hardly one person" in text
    assert browse.post(f"{PAGE}/{number_of(database)}", data={"action": "confirm"}).status_code == 303
    assert the_one(database)["is_confirmed"]
    assert browse.post(f"{PAGE}/{number_of(database)}", data={"action": "odd"}).status_code == 400


def test_settings_lead_there(browse):
    assert f'href="{PAGE}"' in browse.get("/shops/nordlicht/settings").get_data(as_text=True)
