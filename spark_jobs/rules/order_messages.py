"""Order messages: what one `Order *` message says about its order, in minor units of its currency.

Everything stands in arrays that are null in other rows, so that those pay nothing for it.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.archive import Flag
from contracts.errors import ErrorCode
from contracts.events import Event
from contracts.money import MAX_MINOR
from spark_jobs.rules.amounts import amount_code, amount_read, currency_of, minor_units, problem, units_of
from spark_jobs.rules.messages import lacks_list_of_products
from spark_jobs.rules.products import lines_checked, lines_read
from spark_jobs.rules.texts import given, label, lower, stripped

AMOUNTS = ("total", "revenue", "subtotal", "tax", "shipping", "discount")
_MISSING_IDS = ("", "null", "undefined", "0")


def order_id_of(text: Column) -> Column:
    """Trimmed, case kept; null for what clients send when they have none."""
    trimmed = stripped(text)
    return F.when(~lower(trimmed).isin(*_MISSING_IDS), trimmed)


def with_orders(rows: DataFrame) -> DataFrame:
    """`rows` (event, is_order, properties, message, merchant_currency) with order_id, `order` as in contracts.archive,
    units (null for an unknown currency), has_bad_products, amount_problem, line_problem and order_flags.

    Null in every row that is no order's message.
    """
    properties = F.col("properties")
    named = rows.withColumns(_identity())
    read = named.withColumns(
        {
            "units": F.when(F.col("is_order"), units_of(F.col("currency"))),
            "amounts": F.transform("amount_texts", _amount_read),
            "lines": lines_read(F.when(F.col("is_order"), properties), F.col("is_strict")),
        }
    )
    has_list = properties["products"].isNotNull()
    checked = read.withColumns(
        {
            "has_hole": F.exists("lines", lambda line: line["is_hole"]),
            "amounts": F.transform("amounts", _amount_checked),
            "lines": lines_checked(F.col("lines"), F.col("units"), has_list),
        }
    )
    return checked.withColumns(
        {
            "has_bad_products": F.col("is_order") & (lacks_list_of_products() | F.coalesce("has_hole", F.lit(False))),
            "amount_problem": _first_problem(F.col("amounts")),
            "line_problem": F.coalesce(_first_problem(F.col("lines")), _problem_of_sum()),
            "order_flags": _flags(),
            "order": _order(),
        }
    ).drop("is_strict", "currency", "amount_texts", "amounts", "lines", "has_hole")


def _identity() -> dict[str, Column]:
    is_order, properties = F.col("is_order"), F.col("properties")
    names = (Event.ORDER_COMPLETED, Event.ORDER_UPDATED)
    return {
        "is_strict": F.col("event").isin([str(name) for name in names]),
        "order_id": F.when(is_order, order_id_of(properties["order_id"])),
        "currency": F.when(is_order, currency_of(properties["currency"], F.col("merchant_currency"))),
        "amount_texts": F.when(is_order, F.array(*[properties[name] for name in AMOUNTS])),
    }


def _amount_read(text: Column, place: Column) -> Column:
    """On the sale side nothing but the discount may be negative; elsewhere the sign does not matter."""
    return amount_read(text, F.col("is_strict") & (place != AMOUNTS.index("discount")))


def _amount_checked(amount: Column, place: Column) -> Column:
    minor = minor_units(amount["number"], F.col("units"))
    field = F.concat(F.lit("properties."), F.get(F.array(*[F.lit(name) for name in AMOUNTS]), place))
    return F.struct(minor.alias("minor"), problem(amount_code(amount, minor), field).alias("problem"))


def _first_problem(checked: Column) -> Column:
    return F.get(F.filter(checked["problem"], lambda found: found.isNotNull()), F.lit(0))


def _problem_of_sum() -> Column:
    """An order's lines together are bounded as each amount is, so that no sum of orders runs over an int64."""

    def added(total: Column, line: Column) -> Column:
        amounts = [F.coalesce(F.abs(line["line"][name]), F.lit(0)) for name in ("amount", "discount")]
        return total + amounts[0] + amounts[1]

    whole = F.aggregate("lines", F.lit(0).cast("bigint"), added)
    return problem(F.when(whole > MAX_MINOR, ErrorCode.AMOUNT_TOO_LARGE), F.lit("properties.products"))


def _minor(name: str) -> Column:
    return F.get(F.col("amounts.minor"), F.lit(AMOUNTS.index(name)))


def _order() -> Column:
    properties = F.col("properties")
    order = F.struct(
        F.col("order_id"),
        order_id_of(properties["refund_id"]).alias("refund_id"),
        F.col("currency"),
        label(properties["coupon"]).alias("coupon"),
        F.exists("amounts.minor", lambda minor: minor.isNotNull()).alias("has_amounts"),
        *[_minor(name).alias(name) for name in AMOUNTS],
        F.col("lines.line").alias("lines"),
    )
    return F.when(F.col("is_order"), order)


def _flags() -> Column:
    """Remarks on an order's message as array<string>, null in other rows."""
    is_completed = F.col("event") == Event.ORDER_COMPLETED
    marks = {
        Flag.NO_CURRENCY: given(F.col("properties.currency")).isNull(),
        Flag.ORDER_WITHOUT_ID: is_completed & F.col("order_id").isNull(),
        Flag.PRICE_MISSING: F.exists("lines.line", lambda line: line["price"].isNull()),
        Flag.AMOUNTS_DISAGREE: F.col("is_strict") & _amounts_disagree(),
    }
    flags = F.array_compact(F.array(*[F.when(is_set, flag) for flag, is_set in marks.items()]))
    return F.when(F.col("is_order"), flags)


def _amounts_disagree() -> Column:
    """The ways to the goods value differ by more than one minor unit."""
    ways = [_minor("total") - _minor("tax") - _minor("shipping"), _minor("revenue"), _minor("subtotal")]
    return F.greatest(*ways) - F.least(*ways) > 1
