"""Event names in Spark are mapped as by `contracts.events`."""

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from contracts import events
from contracts.events import CANONICAL_NAMES, Event
from spark_jobs.rules.names import canonical_name, folded_name
from tests.spark_jobs.samples import evaluated


def in_spark(spark, names):
    columns = {"canonical": canonical_name(F.col("name")), "folded": folded_name(F.col("name"))}
    return evaluated(spark, "name string", [(name,) for name in names], columns)


def in_python(names):
    return [{"canonical": events.canonical_name(name), "folded": events.folded_name(name)} for name in names]


def test_the_whole_table_however_it_is_written(spark):
    known = [*CANONICAL_NAMES, *map(str, Event)]
    names = [form for name in known for form in (name, name.upper(), f" {name}\n", name.replace(" ", "_"))]
    names += [name.replace(" ", " _ ") for name in known]
    assert in_spark(spark, names) == in_python(names)


def test_some_of_it(spark):
    names = {
        "purchase": "Order Completed",
        "add_to_cart": "Product Added",
        "VIEW  item": "Product Viewed",
        "Order Canceled": "Order Cancelled",
        "Completed Order": "Order Completed",
        "\u00a0order\u2003completed": "Order Completed",
        "  Wish List Opened ": "Wish List Opened",
        "order-completed": "order-completed",
        "": "",
    }
    assert [row["canonical"] for row in in_spark(spark, names)] == list(names.values())


def test_no_name_stays_none(spark):
    assert in_spark(spark, [None]) == [{"canonical": None, "folded": None}]


PARTS = ["order", "Completed", "product", "viewed", "_", " ", "\t", "\u3000", "é", "Refund", "-", "🍵"]


@seed(20261124)
@settings(max_examples=2, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), min_size=100))
def test_any_name(spark, names):
    assert in_spark(spark, names) == in_python(names)
