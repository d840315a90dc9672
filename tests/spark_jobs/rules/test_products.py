"""Products: the one of a product event, its key, its labels and its quantity."""

import pytest

from tests.spark_jobs.samples import envelope, order, track

NOTHING = {"key": None, "name": None, "brand": None, "category": None, "variant": None}


def added(**properties):
    return envelope(track("Product Added", properties=properties))


CASES = {
    # name -> (value, product, quantity in thousandths)
    "everything": (
        added(
            product_id="p", sku="s", id="i", name=" Tea ", brand="Amber", category="Drinks", variant="100 g", quantity=2
        ),
        {"key": "p", "name": "Tea", "brand": "Amber", "category": "Drinks", "variant": "100 g"},
        2000,
    ),
    "product_id first": (added(product_id=7, sku="s"), NOTHING | {"key": "7"}, 1000),
    "then sku": (added(product_id=" ", sku="s", id="i"), NOTHING | {"key": "s"}, 1000),
    "then id": (added(id="i"), NOTHING | {"key": "i"}, 1000),
    "no key": (added(name="Tea"), NOTHING | {"name": "Tea"}, 1000),
    "long labels": (added(id="k" * 600, name="n" * 600), NOTHING | {"key": "k" * 500, "name": "n" * 500}, 1000),
    "three decimals": (added(id="i", quantity="0.1235"), NOTHING | {"key": "i"}, 124),
    "half of the last": (added(id="i", quantity="2.0005"), NOTHING | {"key": "i"}, 2001),
    "an empty quantity": (added(id="i", quantity=" "), NOTHING | {"key": "i"}, 1000),
    "none of it": (added(id="i", quantity=0), NOTHING | {"key": "i"}, 0),
    "the most": (added(id="i", quantity="99999999.999"), NOTHING | {"key": "i"}, 99_999_999_999),
    "viewed": (envelope(track("view_item", properties={"id": "i", "quantity": "few"})), NOTHING | {"key": "i"}, None),
    "another event": (envelope(track("Wish List Opened", properties={"product_id": "p"})), None, None),
    "an order": (envelope(order()), None, None),
}
VALUES = {name: value for name, (value, _, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_product_of_an_event(rows, name):
    row, (_, product, milli) = rows[name], CASES[name]
    assert (row["outcome"], row["product"], row["quantity_milli"]) == ("accepted", product, milli)
