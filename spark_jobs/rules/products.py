"""Products: the one of a product event, and the lines of an order's message."""

from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.errors import ErrorCode
from spark_jobs.rules.amounts import amount_code, line_amount, minor_units, number, problem
from spark_jobs.rules.messages import PRODUCT_FIELDS
from spark_jobs.rules.texts import given, label

_LABELS = ("name", "brand", "category", "variant")
_QUANTITY = "decimal(11,3)"


def key_of(product: Column) -> Column:
    """product_id, else sku, else id."""
    return F.coalesce(*[label(product[name]) for name in ("product_id", "sku", "id")])


def product_of(properties: Column) -> Column:
    """struct<key, name, brand, category, variant>."""
    return F.struct(key_of(properties).alias("key"), *[label(properties[name]).alias(name) for name in _LABELS])


def quantity_of(text: Column) -> Column:
    """decimal(11,3), rounded half-up; 1 where the text is blank, null where it is no number or above 10^8."""
    rounded = F.round(number(text), 3).try_cast(_QUANTITY)
    return F.when(given(text).isNull(), F.lit(Decimal(1)).cast(_QUANTITY)).otherwise(rounded)


def milli(quantity: Column) -> Column:
    return (quantity * F.lit(1000)).try_cast("bigint")


def with_lines(rows: DataFrame) -> DataFrame:
    """`rows` (is_order, is_strict, units, properties) with `lines` as in contracts.archive and `line_problem`.

    `lines` is null where the message has no products and is no product itself.
    """
    read = rows.withColumn("lines_read", F.transform(_products(), _line_read))
    checked = read.withColumn("lines_checked", F.transform("lines_read", _line_checked))
    found = F.filter(F.col("lines_checked.problem"), lambda found: found.isNotNull())
    return checked.withColumns({"lines": F.col("lines_checked.line"), "line_problem": F.get(found, F.lit(0))}).drop(
        "lines_read", "lines_checked"
    )


def _products() -> Column:
    """The message's products; its own properties where they name one product with a price or a quantity."""
    properties = F.col("properties")
    item = F.struct(*[properties[name].alias(name) for name in (*PRODUCT_FIELDS, "discount", "coupon")])
    alone = item.withField("discount", F.lit(None).cast("string")).withField("coupon", F.lit(None).cast("string"))
    has_number = F.coalesce(given(properties["price"]), given(properties["quantity"])).isNotNull()
    is_alone = has_number & key_of(properties).isNotNull()
    return F.when(F.col("is_order"), F.coalesce(properties["products"], F.when(is_alone, F.array(alone))))


def _line_read(product: Column) -> Column:
    """The line's texts, and its numbers as decimals; amounts below zero only where the message must not have them."""
    price, discount = given(product["price"]), given(product["discount"])
    return F.struct(
        product_of(product).alias("product"),
        label(product["coupon"]).alias("coupon"),
        price.alias("price_text"),
        discount.alias("discount_text"),
        given(product["quantity"]).alias("quantity_text"),
        _signed(number(price)).alias("price"),
        F.abs(number(discount)).alias("discount"),
        _signed(quantity_of(product["quantity"])).alias("quantity"),
    )


def _signed(value: Column) -> Column:
    """Refunds and cancellations by absolute value; the sale side as it stands."""
    return F.when(F.col("is_strict"), value).otherwise(F.abs(value))


def _line_checked(line: Column, place: Column) -> Column:
    units = F.col("units")
    price, discount = minor_units(line["price"], units), minor_units(line["discount"], units)
    amount = line_amount(line["price"], line["quantity"], line["discount"], units)
    product = line["product"]
    archived = F.struct(
        product["key"].alias("product"),
        *[product[name].alias(name) for name in _LABELS],
        price.alias("price"),
        milli(line["quantity"]).alias("quantity_milli"),
        discount.alias("discount"),
        line["coupon"].alias("coupon"),
        amount.alias("amount"),
    )
    return F.struct(archived.alias("line"), _line_problem(line, place, price, discount, amount).alias("problem"))


def _line_problem(line: Column, place: Column, price: Column, discount: Column, amount: Column) -> Column:
    prefix = F.when(
        F.col("properties.products").isNotNull(), F.concat(F.lit("properties.products["), place, F.lit("]."))
    ).otherwise("properties.")
    is_strict, never = F.col("is_strict"), F.lit(False)
    price_code = amount_code(line["price_text"], line["price"], price, is_strict)
    discount_code = amount_code(line["discount_text"], line["discount"], discount, never)
    return F.coalesce(
        F.when(price_code.isNotNull(), problem(price_code, F.concat(prefix, F.lit("price")))),
        F.when(line["quantity"].isNull(), problem(F.lit(ErrorCode.BAD_QUANTITY), F.concat(prefix, F.lit("quantity")))),
        F.when(
            is_strict & (line["quantity"] < 0),
            problem(F.lit(ErrorCode.NEGATIVE_AMOUNT), F.concat(prefix, F.lit("quantity"))),
        ),
        F.when(discount_code.isNotNull(), problem(discount_code, F.concat(prefix, F.lit("discount")))),
        F.when(amount.isNull(), problem(F.lit(ErrorCode.AMOUNT_TOO_LARGE), F.concat(prefix, F.lit("price")))),
    )
