import pytest

from contracts.reports import Family
from contracts.restatements import changed_numbers, reasons_for

SALES = {
    "orders": 2,
    "currency": "EUR",
    "converted": {"sales": 2_000, "refunds": 0},
    "by_currency": {"EUR": {"sales": 2_000}},
    "lateness": [1, 2],
}


def test_the_same_content_changes_nothing():
    assert changed_numbers(SALES, SALES | {"currency": "USD", "lateness": [9]}) == []


def test_numbers_are_named_by_their_path_those_near_the_top_first():
    after = SALES | {"orders": 3, "converted": {"sales": 2_500, "refunds": 0, "tax": 5}}
    assert changed_numbers(SALES, after) == [
        {"measure": "orders", "before": 2, "after": 3},
        {"measure": "converted.sales", "before": 2_000, "after": 2_500},
        {"measure": "converted.tax", "before": 0, "after": 5},
    ]


def test_rows_are_known_by_their_key_and_one_that_was_absent_was_nothing():
    before = {"rows": [{"key": "tea", "revenue": 100, "name": "Tea"}]}
    after = {"rows": [{"key": "a.b", "revenue": 7}, {"key": "tea", "revenue": 90, "name": "Green tea"}]}
    assert changed_numbers(before, after) == [
        {"measure": "rows.a.b.revenue", "before": 0, "after": 7},
        {"measure": "rows.tea.revenue", "before": 100, "after": 90},
    ]


@pytest.mark.parametrize(
    ("family", "causes", "reasons"),
    [
        (Family.SALES, {"refund", "late", "repaired"}, ["repaired", "late", "refund"]),
        (Family.TRAFFIC, {"refund", "late"}, ["late"]),
        (Family.QUALITY, {"refund"}, ["rebuild"]),
        (Family.PRODUCTS, set(), ["rebuild"]),
    ],
)
def test_reasons_in_their_order_of_precedence(family, causes, reasons):
    assert reasons_for(family, causes) == reasons
