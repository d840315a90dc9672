import csv
import io
from datetime import timedelta

import pytest

from contracts.names import Collection
from contracts.reports import DEFINITION_VERSION
from tests.report_app.documents import NOW, Archive, commit_batch, local_hour, merchant, product, products, user

START = local_hour("2026-11-23 10")


@pytest.fixture
def archive(database):
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    archive = Archive(database)
    archive.hours(START, ["a", "b"], page_views=5, orders=2, goods=3000, refunds=500)
    rows = [product("p", name="=cmd()", revenue=3000, ordered_milli=1500, orders=2, views=7)]
    archive.day(START.date(), products(*rows))
    return archive


@pytest.fixture
def get(archive, sign_in):
    visitor = sign_in()
    return lambda path, **headers: visitor.get(f"/api/v1/shops/nordlicht/{path}", headers=headers)


def test_amounts_are_decimal_strings_with_receipt_and_definition(get):
    body = get("overview?range=yesterday").json
    figure = body["figures"]["net_sales"]
    assert (figure["value"], figure["state"], figure["before"]) == ("25.00", "read", "0.00")
    assert (figure["receipt"]["received"], figure["receipt"]["not_accounted_for"]) == (7, 0)
    assert figure["definition"] == "/numbers#net_sales"
    assert (body["definition_version"], body["currency"]) == (DEFINITION_VERSION, "EUR")
    assert body["range"]["complete_until"] == "2026-11-24T13:32:39Z"
    assert body["series"][10] == {
        "start": "2026-11-23T09:00Z",
        "is_running": False,
        "net_sales": "25.00",
        "orders": 2,
        "visitors": 2,
        "page_views": 5,
    }


def test_a_damaged_report_has_no_value(get, database):
    change = {"hours.2026-11-23T09:00Z.content.orders": 3}
    database[Collection.REPORTS].update_one({"family": "sales", "day": "2026-11-23"}, {"$set": change})
    body = get("overview?range=7d").json
    assert (body["figures"]["orders"]["value"], body["figures"]["orders"]["state"]) == (None, "computing_again")
    assert (body["series"][-1]["orders"], body["series"][-1]["page_views"]) == (None, 5)


def test_products_and_quality(get):
    body = get("products?range=7d").json
    assert body["products"][0]["sales"] == "30.00"
    assert body["products"][0]["units"] == "1.5"
    quality = get("quality?range=7d").json
    assert quality["counts"]["received"] == 7
    assert quality["counts"]["not_accounted_for"] == 0


def test_the_same_numbers_are_not_sent_twice(get):
    tag = get("overview?range=7d").headers["ETag"]
    assert get("overview?range=7d", **{"If-None-Match": tag}).status_code == 304


def test_errors_are_json_with_code_field_sentence_and_link(get, visitor):
    answer = get("overview?range=fortnight")
    assert answer.status_code == 400
    assert set(answer.json) == {"code", "field", "sentence", "link"}
    assert (answer.json["code"], answer.json["field"]) == ("bad_range", "range")
    assert visitor.get(answer.json["link"]).status_code == 200
    visitor.post("/sign-out")
    assert get("overview").status_code == 401
    assert get("overview").json["code"] == "not_signed_in"


def test_a_download_holds_all_columns_and_runs_no_formula(archive, sign_in):
    answer = sign_in().get("/shops/nordlicht/products.csv?range=7d")
    row = next(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert row["name"] == "'=cmd()"
    assert (row["units"], row["sales"], row["currency"]) == ("1.5", "30.00", "EUR")
    assert "attachment" in answer.headers["Content-Disposition"]
    whole = sign_in().get("/shops/nordlicht/products.json?range=7d").json
    assert whole["products"][0]["name"] == "=cmd()"


@pytest.mark.parametrize("text", ["-1+cmd|' /C calc'!A0", "-1", "- 1", "@SUM(A1)", "+1", "\t=1", "\n=1", "\uff1d1"])
def test_no_text_of_a_download_is_a_formula_and_numbers_below_zero_stay_numbers(archive, sign_in, text):
    row = {"name": text, "brand": text, "revenue": -3000, "removed_milli": -1500}
    archive.day(START.date(), products(product(f"{text}p", **row)))
    answer = sign_in().get("/shops/nordlicht/products.csv?range=7d")
    found = next(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert (found["product"], found["name"], found["brand"]) == (f"'{text}p", f"'{text}", f"'{text}")
    assert (found["sales"], found["removed"]) == ("-30.00", "-1.5")
