"""Amounts: from text to whole minor units, rounded half-up once, never through a float, never raising."""

from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.errors import ErrorCode
from contracts.money import EXPONENTS, MAX_MINOR

NUMBER = r"^\s*[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?\s*$"
"""A plain number. Its length is bounded because `1e-999999999` would keep a core busy for minutes."""

_AMOUNT = "decimal(25,9)"
_LINE_AMOUNT = "decimal(28,12)"


def number(text: Column) -> Column:
    """decimal(38,9), null where the text is no number or too large for it."""
    return F.when(text.rlike(NUMBER), text).try_cast("decimal(38,9)")


def currency_of(text: Column, default: Column) -> Column:
    """Upper case; `default` where the text is blank."""
    code = F.upper(F.trim(text))
    return F.when(code != "", code).otherwise(default)


def units_of(currency: Column) -> Column:
    """Minor units in one unit of the currency (1, 100, 1000) as decimal; null for a code that ISO 4217 does not list."""
    units = F.lit(None).cast("decimal(4,0)")
    for exponent in sorted(set(EXPONENTS.values())):
        codes = [code for code, digits in EXPONENTS.items() if digits == exponent]
        units = F.when(currency.isin(codes), F.lit(Decimal(10**exponent)).cast("decimal(4,0)")).otherwise(units)
    return units


def minor_units(amount: Column, units: Column) -> Column:
    """bigint, rounded half-up; null where the amount is null or above 10^15 minor units."""
    return _whole(amount.try_cast(_AMOUNT) * units)


def line_amount(price: Column, quantity: Column, discount: Column, units: Column) -> Column:
    """price x quantity - discount in minor units; a missing price is 0. `quantity` is decimal(11,3)."""
    zero = F.lit(Decimal(0)).cast(_AMOUNT)
    amount = F.coalesce(price.try_cast(_AMOUNT), zero) * quantity - F.coalesce(discount.try_cast(_AMOUNT), zero)
    return _whole(amount.try_cast(_LINE_AMOUNT) * units)


def _whole(minor: Column) -> Column:
    whole = F.round(minor, 0)
    return F.when(F.abs(whole) <= F.lit(Decimal(MAX_MINOR)), whole).try_cast("bigint")


def problem(code: Column, field: Column) -> Column:
    """What is wrong with a message: struct<code, field>."""
    return F.struct(code.alias("code"), field.alias("field"))


def amount_code(text: Column, amount: Column, minor: Column, is_strict: Column) -> Column:
    """The error code of an amount, null where nothing is wrong; `is_strict`: it may not be negative."""
    return (
        F.when(text.isNull(), F.lit(None).cast("string"))
        .when(~text.rlike(NUMBER), ErrorCode.BAD_AMOUNT)
        .when(minor.isNull(), ErrorCode.AMOUNT_TOO_LARGE)
        .when(is_strict & (amount < 0), ErrorCode.NEGATIVE_AMOUNT)
    )
