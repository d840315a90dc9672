"""A real shop's history through `footfall import`, once and twice, against an independent computation of the file."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.names import Collection
from contracts.reports import Family
from stack.imports.command import import_command
from tests.oracle.rees46 import file_numbers

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "rees46-2019-10-01.csv.gz"
NUMBERS = (Family.TRAFFIC, Family.SALES, Family.PRODUCTS)
pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not FILE.exists(), reason="../shared/data/rees46-2019-10-01.csv.gz is not beside this repository"
    ),
]


def send_file(road, shop):
    arguments = ["--mapping", "rees46", "--key", shop.key(), "--url", road.settings.public_collector_url, str(FILE)]
    result = CliRunner().invoke(import_command, arguments)
    assert result.exit_code == 0, result.output
    road.wait(300)


@pytest.fixture(scope="module")
def shop(road):
    shop = road.new_shop("rees46", zone="UTC", currency="USD")
    send_file(road, shop)
    return shop


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


def test_a_second_import_changes_quality_and_nothing_else(road, shop):
    before = shop.numbers(NUMBERS)
    assert (shop.books()["received"], shop.books()["duplicate"]) == (17_433, 5)
    send_file(road, shop)
    assert shop.numbers(NUMBERS) == before
    books = shop.books()
    assert (books["received"], books["duplicate"], books["rejected"]) == (34_866, 17_438, 0)
    assert shop.database[Collection.FAILED_EVENTS].count_documents({"merchant": shop.merchant}) == 0
