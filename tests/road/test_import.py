"""A real shop's history through `footfall import`, once and twice, against an independent computation of the file."""

import pytest

from contracts.names import Collection
from contracts.reports import Family
from tests.oracle.rees46 import file_numbers
from tests.road.waves import HISTORY as FILE
from tests.road.waves import NUMBERS

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not FILE.exists(), reason="../shared/data/rees46-2019-10-01.csv.gz is not beside this repository"
    ),
]


@pytest.fixture(scope="module")
def shop(first_wave):
    return first_wave.history


def test_hours(shop):
    file = file_numbers(FILE)
    traffic, sales = shop.hours(Family.TRAFFIC), shop.hours(Family.SALES)
    assert {key: hour["events"] for key, hour in traffic.items()} == dict(file.events)
    assert {key: hour["visitors"] for key, hour in traffic.items()} == file.visitors
    assert {key: hour["orders"] for key, hour in sales.items() if hour["orders"]} == dict(file.orders)
    assert {key: hour["converted"]["sales"] for key, hour in sales.items() if hour["orders"]} == dict(file.sales)
    assert sum(hour["orders"] for hour in sales.values()) == 214


def test_products(shop):
    file = file_numbers(FILE)
    assert shop.days().keys() == file.products.keys()
    for day, content in shop.days().items():
        wanted, rows = file.products[day], {row["key"]: row for row in content["rows"]}
        assert len(rows) == min(len(wanted), 1_000)
        for key, row in rows.items():
            assert (row["views"], row["revenue"]) == (wanted[key]["views"], wanted[key]["revenue"]), key
            assert (row["added_milli"], row["ordered_milli"]) == (
                wanted[key]["added"] * 1000,
                wanted[key]["ordered"] * 1000,
            ), key
        largest = sorted(wanted, key=lambda key: (-wanted[key]["revenue"], -wanted[key]["views"], key))[:1_000]
        assert [row["key"] for row in content["rows"]] == largest
        rest = wanted.keys() - rows.keys()
        assert content["other"]["views"] == sum(wanted[key]["views"] for key in rest)
        assert content["other"]["keys"] == len(rest)


def test_a_second_import_changes_quality_and_nothing_else(shop, second_wave):
    numbers, books = second_wave.former
    assert (books["received"], books["duplicate"]) == (17_433, 5)
    assert shop.numbers(NUMBERS) == numbers
    books = shop.books()
    assert (books["received"], books["duplicate"], books["rejected"]) == (34_866, 17_438, 0)
    assert shop.database[Collection.FAILED_EVENTS].count_documents({"merchant": shop.merchant}) == 0
