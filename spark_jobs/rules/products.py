"""Products: the one of a product event, and the lines of an order's message.

Lines are read in two steps, so that each text is read once: `lines_read`, then `lines_checked`.
"""

from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.errors import ErrorCode
from spark_jobs.rules.amounts import amount_code, amount_read, line_amount, minor_units, number, problem
from spark_jobs.rules.messages import PRODUCT_FIELDS
from spark_jobs.rules.texts import given, label

_LABELS = ("name", "brand", "category", "variant")
_OF_A_LINE = ("discount", "coupon")
_QUANTITY = "decimal(11,3)"


def key_of(product: Column) -> Column:
    """product_id, else sku, else id."""
    return F.coalesce(*[label(product[name]) for name in ("product_id", "sku", "id")])


def product_of(properties: Column) -> Column:
    """struct<key, name, brand, category, variant>."""
    return F.struct(key_of(properties).alias("key"), *[label(properties[name]).alias(name) for name in _LABELS])


def quantity_of(text: Column) -> Column:
    """decimal(11,3), rounded half-up; 1 where the text is blank, null where it is no number or from 10^8."""
    rounded = F.round(number(text), 3).try_cast(_QUANTITY)
    return F.when(given(text).isNull(), F.lit(Decimal(1)).cast(_QUANTITY)).otherwise(rounded)


def milli(quantity: Column) -> Column:
    return (quantity * F.lit(1000)).try_cast("bigint")


def lines_read(properties: Column, is_strict: Column) -> Column:
    """array<struct> of the message's products as decimals; null where it has none and is no product itself.

    Numbers keep their sign where `is_strict`: elsewhere (refunds, cancellations) it does not matter.
    """

    def read(product: Column) -> Column:
        quantity = quantity_of(product["quantity"])
        return F.struct(
            product.isNull().alias("is_hole"),
            product_of(product).alias("product"),
            label(product["coupon"]).alias("coupon"),
            amount_read(product["price"], is_strict).alias("price"),
            amount_read(product["discount"], F.lit(False)).alias("discount"),
            F.when(is_strict, quantity).otherwise(F.abs(quantity)).alias("quantity"),
        )

    return F.transform(F.coalesce(properties["products"], _alone(properties)), read)


def _alone(properties: Column) -> Column:
    """The properties as the only product, where they name one with a price or a quantity.

    Their discount and coupon are the order's.
    """
    nothing = [F.lit(None).cast("string").alias(name) for name in _OF_A_LINE]
    product = F.struct(*[properties[name].alias(name) for name in PRODUCT_FIELDS], *nothing)
    has_number = given(properties["price"]).isNotNull() | given(properties["quantity"]).isNotNull()
    return F.when(has_number & key_of(properties).isNotNull(), F.array(product))


def lines_checked(lines: Column, units: Column, has_list: Column) -> Column:
    """array<struct<line, problem>> of `lines_read`; `line` as in contracts.archive, `problem` its first broken rule."""

    def checked(line: Column, place: Column) -> Column:
        price = minor_units(line["price"]["number"], units)
        discount = minor_units(line["discount"]["number"], units)
        amount = line_amount(line["price"]["number"], line["quantity"], line["discount"]["number"], units)
        in_list = F.concat(F.lit("properties.products["), place.cast("string"), F.lit("]."))
        prefix = F.when(has_list, in_list).otherwise("properties.")
        return F.struct(
            _archived(line, price, discount, amount).alias("line"),
            _problem(line, prefix, price, discount, amount).alias("problem"),
        )

    return F.transform(lines, checked)


def _archived(line: Column, price: Column, discount: Column, amount: Column) -> Column:
    product = line["product"]
    return F.struct(
        product["key"].alias("product"),
        *[product[name].alias(name) for name in _LABELS],
        price.alias("price"),
        milli(line["quantity"]).alias("quantity_milli"),
        discount.alias("discount"),
        line["coupon"].alias("coupon"),
        amount.alias("amount"),
    )


def _problem(line: Column, prefix: Column, price: Column, discount: Column, amount: Column) -> Column:
    quantity_code = F.when(line["quantity"].isNull(), ErrorCode.BAD_QUANTITY).when(
        line["quantity"] < 0, ErrorCode.NEGATIVE_AMOUNT
    )
    amount_code_of_line = F.when(amount.isNull(), ErrorCode.AMOUNT_TOO_LARGE)
    return F.coalesce(
        problem(amount_code(line["price"], price), F.concat(prefix, F.lit("price"))),
        problem(quantity_code, F.concat(prefix, F.lit("quantity"))),
        problem(amount_code(line["discount"], discount), F.concat(prefix, F.lit("discount"))),
        problem(amount_code_of_line, F.concat(prefix, F.lit("price"))),
    )
