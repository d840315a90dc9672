"""Order messages: what one `Order *` message says about its order, in minor units of its currency."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.archive import Flag
from contracts.errors import ErrorCode
from contracts.events import Event
from spark_jobs.rules.amounts import amount_code, currency_of, minor_units, number, problem, units_of
from spark_jobs.rules.products import with_lines
from spark_jobs.rules.texts import given, label, stripped

AMOUNTS = ("total", "revenue", "subtotal", "tax", "shipping", "discount")
_MISSING_IDS = ("", "null", "undefined", "0")


def order_id_of(text: Column) -> Column:
    """Trimmed, case kept; null for what clients send when they have none."""
    trimmed = stripped(text)
    return F.when(~F.lower(trimmed).isin(*_MISSING_IDS), trimmed)


def with_orders(rows: DataFrame) -> DataFrame:
    """`rows` (event, is_order, properties, merchant_currency) with order_id, `order` as in contracts.archive,
    currency, units (null for an unknown currency), amount_problem, line_problem and order_flags.

    Null in every row that is no order's message.
    """
    priced = rows.withColumns({"is_strict": _is_strict(), **_identity()}).withColumns(_numbers())
    with_units = priced.withColumn("units", units_of(F.col("currency")))
    valued = with_lines(with_units.withColumns(_minor_units()))
    flagged = valued.withColumns({"amount_problem": _amount_problem(), "order_flags": _flags(), "order": _order()})
    return flagged.drop("texts", "numbers", "minor", "lines")


def _is_strict() -> Column:
    """On the sale side nothing may be negative; elsewhere the sign is ignored."""
    names = (Event.ORDER_COMPLETED, Event.ORDER_UPDATED)
    return F.coalesce(F.col("event").isin([str(name) for name in names]), F.lit(False))


def _identity() -> dict[str, Column]:
    of_order = F.when(F.col("is_order"), F.col("properties"))
    return {
        "order_id": order_id_of(of_order["order_id"]),
        "currency": F.when(F.col("is_order"), currency_of(of_order["currency"], F.col("merchant_currency"))),
        "texts": F.struct(*[given(of_order[name]).alias(name) for name in AMOUNTS]),
    }


def _numbers() -> dict[str, Column]:
    values = {name: number(F.col(f"texts.{name}")) for name in AMOUNTS}
    signed = {name: value if name != "discount" else F.abs(value) for name, value in values.items()}
    return {
        "numbers": F.struct(
            *[F.when(F.col("is_strict"), value).otherwise(F.abs(value)).alias(name) for name, value in signed.items()]
        )
    }


def _minor_units() -> dict[str, Column]:
    amounts = [minor_units(F.col(f"numbers.{name}"), F.col("units")).alias(name) for name in AMOUNTS]
    return {"minor": F.struct(*amounts)}


def _amount_problem() -> Column:
    """The first amount that cannot be used, in the order of `AMOUNTS`."""
    found = []
    for name in AMOUNTS:
        code = amount_code(F.col(f"texts.{name}"), F.col(f"numbers.{name}"), F.col(f"minor.{name}"), F.col("is_strict"))
        found.append(F.when(code.isNotNull(), problem(code, F.lit(f"properties.{name}"))))
    return F.when(F.col("is_order"), F.coalesce(*found))


def _order() -> Column:
    properties = F.col("properties")
    amounts = [F.col(f"minor.{name}") for name in AMOUNTS]
    order = F.struct(
        F.col("order_id"),
        order_id_of(properties["refund_id"]).alias("refund_id"),
        F.col("currency"),
        label(properties["coupon"]).alias("coupon"),
        F.coalesce(*amounts).isNotNull().alias("has_amounts"),
        *[amount.alias(name) for name, amount in zip(AMOUNTS, amounts, strict=True)],
        F.col("lines"),
    )
    return F.when(F.col("is_order"), order)


def _flags() -> Column:
    """Remarks on an order's message as array<string>, null in other rows."""
    is_completed = F.col("event") == Event.ORDER_COMPLETED
    has_no_price = F.exists("lines", lambda line: line["price"].isNull())
    marks = {
        Flag.NO_CURRENCY: given(F.col("properties.currency")).isNull(),
        Flag.ORDER_WITHOUT_ID: is_completed & F.col("order_id").isNull(),
        Flag.PRICE_MISSING: has_no_price,
        Flag.AMOUNTS_DISAGREE: F.col("is_strict") & _amounts_disagree(),
    }
    return F.when(
        F.col("is_order"), F.array_compact(F.array(*[F.when(is_set, flag) for flag, is_set in marks.items()]))
    )


def _amounts_disagree() -> Column:
    """The ways to the goods value differ by more than one minor unit."""
    minor = F.col("minor")
    ways = [minor["total"] - minor["tax"] - minor["shipping"], minor["revenue"], minor["subtotal"]]
    return F.greatest(*ways) - F.least(*ways) > 1
