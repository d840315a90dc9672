from report_app.reading.products import summed_products
from report_app.reading.reports import Part, State
from tests.report_app.documents import product, products


def part(day, *rows, **overrides):
    return Part(day, State.READ, products(*rows, **overrides))


def test_days_are_added_by_product_and_sorted_by_sales_views_key():
    found = summed_products(
        [
            part("2026-11-22", product("a", revenue=100), product("b", revenue=300)),
            part(
                "2026-11-23", product("a", revenue=200, name="New name"), product("c", views=4), product("d", views=4)
            ),
        ],
        is_behind=False,
    )
    assert [(row.key, row.measures["revenue"]) for row in found.rows] == [("a", 300), ("b", 300), ("c", 0), ("d", 0)]
    assert found.rows[0].name == "New name"
    assert found.all_sales == 600


def test_a_product_that_may_be_in_a_days_rest_is_at_least():
    rest = {"keys": 3, "revenue": 70}
    days = [part("2026-11-22", product("a", revenue=100), other=rest), part("2026-11-23", product("b", revenue=50))]
    found = summed_products(days, is_behind=False)
    assert {row.key: row.is_at_least for row in found.rows} == {"a": False, "b": True}
    assert (found.rest, found.all_sales) == (70, 220)


def test_one_damaged_day_leaves_no_row():
    found = summed_products([part("2026-11-22", product("a", revenue=100)), Part("2026-11-23", State.AGAIN)], False)
    assert (found.state, found.rows) == (State.AGAIN, [])
