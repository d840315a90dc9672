"""Amounts: from text to whole minor units, rounded half-up once, never through a float, never raising."""

from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.errors import ErrorCode
from contracts.money import EXPONENTS, MAX_MINOR
from spark_jobs.rules.texts import given, stripped, upper

NUMBER = r"^\s*[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?\s*$"
"""A plain number. Its length is bounded because `1e-999999999` would keep a core busy for minutes."""

_AMOUNT = "decimal(25,9)"
_LINE_AMOUNT = "decimal(28,12)"


def number(text: Column) -> Column:
    """decimal(38,9), null where the text is no number or too large for it."""
    return F.when(text.rlike(NUMBER), text).try_cast("decimal(38,9)")


def currency_of(text: Column, default: Column) -> Column:
    """Upper case; `default` where the text is blank."""
    code = upper(stripped(text))
    return F.when(code != "", code).otherwise(default)


def units_of(currency: Column) -> Column:
    """Minor units in one unit of the currency (1, 100, 1000), decimal; null for a code that is not in ISO 4217."""
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
    """What is wrong with a message: struct<code, field>; null where the code is."""
    return F.when(code.isNotNull(), F.struct(code.alias("code"), field.alias("field")))


def amount_read(text: Column, keeps_sign: Column) -> Column:
    """struct<text, number>; where the sign does not matter the number is absolute."""
    value = number(text)
    signed = F.when(keeps_sign, value).otherwise(F.abs(value))
    return F.struct(given(text).alias("text"), signed.alias("number"))


def amount_code(amount: Column, minor: Column) -> Column:
    """The error code of an amount (struct<text, number>) that is `minor`; null where nothing is wrong with it."""
    return (
        F.when(amount["text"].isNull(), F.lit(None).cast("string"))
        .when(~amount["text"].rlike(NUMBER), ErrorCode.BAD_AMOUNT)
        .when(minor.isNull(), ErrorCode.AMOUNT_TOO_LARGE)
        .when(amount["number"] < 0, ErrorCode.NEGATIVE_AMOUNT)
    )
