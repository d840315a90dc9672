"""Goods value of sales and refunds."""

from types import SimpleNamespace

import pytest

from spark_jobs.rules.goods import Amounts, goods_of_refund, goods_of_sale, own_goods_of_refund, spread_over_lines
from tests.spark_jobs.samples import line

TWO = (line("a", 2, 2000), line("b", 1, 1001))


@pytest.mark.parametrize(
    ("amounts", "lines", "goods", "disagree"),
    [
        (Amounts(total=11_900, tax=1900, shipping=0), None, 10_000, False),
        (Amounts(total=11_900, tax=1900, shipping=0, revenue=9000), None, 10_000, True),
        (Amounts(total=11_900, tax=1900, shipping=0, revenue=9999), None, 10_000, False),
        (Amounts(total=11_900, tax=1900, shipping=0, revenue=9998), None, 10_000, True),
        (Amounts(total=11_900, tax=1900, revenue=9000), None, 9000, False),
        (Amounts(revenue=9000, subtotal=9100), None, 9000, True),
        (Amounts(total=11_900, subtotal=9100), None, 9100, False),
        (Amounts(total=11_900), None, 11_900, False),
        (Amounts(total=11_900, tax=1900), None, 10_000, False),
        (Amounts(total=11_900, shipping=500), None, 11_400, False),
        (Amounts(total=11_900), TWO, 11_900, False),
        (Amounts(), TWO, 3001, False),
        (Amounts(discount=100), TWO, 2901, False),
        (Amounts(revenue=3001, discount=100), TWO, 3001, False),
        (Amounts(revenue=0), TWO, 0, False),
        (Amounts(), None, 0, False),
        (Amounts(), (), 0, False),
    ],
)
def test_goods_of_a_sale(amounts, lines, goods, disagree):
    assert goods_of_sale(amounts, lines, prices_include_tax=False) == (goods, disagree)


def test_prices_that_include_tax_matter_for_orders_of_lines_only():
    assert goods_of_sale(Amounts(tax=500), TWO, prices_include_tax=True) == (2501, False)
    assert goods_of_sale(Amounts(tax=500), TWO, prices_include_tax=False) == (3001, False)
    assert goods_of_sale(Amounts(tax=500, revenue=3001), TWO, prices_include_tax=True) == (3001, False)
    assert goods_of_sale(Amounts(tax=500, total=3500), TWO, prices_include_tax=True) == (3000, False)


SALE = SimpleNamespace(goods=10_000, tax=1900, shipping=500)
LEFT = 9000


@pytest.mark.parametrize(
    ("refund", "lines", "of_order", "goods"),
    [
        (Amounts(revenue=2500), None, Amounts(), 2500),
        (Amounts(revenue=20_000), None, Amounts(), 20_000),
        (Amounts(total=3100, tax=500, shipping=100), None, Amounts(), 2500),
        (Amounts(total=100, tax=500, shipping=100), None, Amounts(), 0),
        (Amounts(revenue=1, total=3100, tax=500, shipping=100), None, Amounts(), 1),
        # the whole order's total: all that is left
        (Amounts(total=12_400), None, Amounts(total=12_400), LEFT),
        (Amounts(total=99_999), None, Amounts(total=12_400), LEFT),
        (Amounts(total=12_400), None, Amounts(), LEFT),
        # a part of it: the goods' share, rounded half-up
        (Amounts(total=6200), None, Amounts(total=12_400), 5000),
        (Amounts(total=6200, tax=100), None, Amounts(), 5000),
        (Amounts(total=31), None, Amounts(total=12_400), 25),
        (Amounts(total=1), None, Amounts(total=12_400), 1),
        (Amounts(total=0), None, Amounts(total=12_400), 0),
        (Amounts(total=0), None, Amounts(total=0), LEFT),
        # its lines
        (Amounts(), TWO, Amounts(total=12_400), 3001),
        (Amounts(tax=100), TWO, Amounts(), 3001),
        (Amounts(), (line("a", 0, -7, discount=7),), Amounts(), 0),
        # nothing: all that is left
        (Amounts(), None, Amounts(total=12_400), LEFT),
        (Amounts(), (), Amounts(total=12_400), LEFT),
    ],
)
def test_goods_of_a_refund(refund, lines, of_order, goods):
    assert goods_of_refund(refund, lines, of_order, SALE, LEFT) == goods


@pytest.mark.parametrize(
    ("refund", "lines", "goods"),
    [
        (Amounts(revenue=2500, total=3100), None, 2500),
        (Amounts(total=3100, tax=500, shipping=100), None, 2500),
        (Amounts(total=3100, tax=500), None, 3100),
        (Amounts(), TWO, 3001),
        (Amounts(), (line("a", 0, -7, discount=7),), 0),
        (Amounts(), (), None),
        (Amounts(), None, None),
    ],
)
def test_goods_of_a_refund_without_its_order(refund, lines, goods):
    assert own_goods_of_refund(refund, lines) == goods


def test_the_orders_discount_is_spread_over_the_lines():
    assert spread_over_lines(TWO, 100) == [1933, 968]
    assert spread_over_lines(TWO, 0) == [2000, 1001]
    assert spread_over_lines(TWO, 99_999) == [0, 0]
    assert spread_over_lines((line("a", 1, 0), line("b", 1, -50)), 100) == [0, -50]
    assert spread_over_lines((), 100) == []
