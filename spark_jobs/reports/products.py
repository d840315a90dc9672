"""Products by day: views, added, removed, ordered units, orders and revenue; the largest 1,000 and an honest rest."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from contracts.events import PRODUCT_EVENTS, Event
from contracts.names import Outcome
from contracts.reports import SHAPES, TOP_KEYS, Family
from spark_jobs.rules.exchange import Rates, converted
from spark_jobs.rules.orders import Posting, PostingKind

MEASURES = SHAPES[Family.PRODUCTS].measures
ATTRIBUTES = SHAPES[Family.PRODUCTS].attributes
_SEEN = ", ".join(f"{name}: string" for name in ATTRIBUTES)
FACTS = (
    "edition string, scope string, key string, "
    + ", ".join(f"{name} bigint" for name in MEASURES)
    + f", seen_at timestamp, seen_id string, seen struct<{_SEEN}>"
)
"""One fact a row: measures to be added, and the attributes as they were seen at one time."""

NOT_ON_PRODUCT = ""
Fact = tuple[Any, ...]


def facts_of_events(rows: DataFrame) -> DataFrame:
    """FACTS from scope rows: views count events, added and removed count quantities."""
    is_product_event = F.col("event").isin(*PRODUCT_EVENTS) & F.col("product.key").isNotNull()
    used = rows.where((F.col("outcome") == Outcome.ACCEPTED) & is_product_event)
    zero = F.lit(0).cast("bigint")
    measures = dict.fromkeys(MEASURES, zero) | {
        "views": F.when(F.col("event") == Event.PRODUCT_VIEWED, 1).otherwise(0).cast("bigint"),
        "added_milli": F.when(F.col("event") == Event.PRODUCT_ADDED, F.col("quantity_milli")).otherwise(zero),
        "removed_milli": F.when(F.col("event") == Event.PRODUCT_REMOVED, F.col("quantity_milli")).otherwise(zero),
    }
    return used.select(
        "edition",
        "scope",
        F.col("product.key").alias("key"),
        *[column.alias(name) for name, column in measures.items()],
        F.col("event_time").alias("seen_at"),
        F.col("message_id").alias("seen_id"),
        F.struct(*[F.col(f"product.{name}").alias(name) for name in ATTRIBUTES]).alias("seen"),
    )


def facts_of_posting(
    edition: str, scope: str, posting: Posting, rates: Rates, local_day: Callable[[datetime], date]
) -> tuple[list[Fact], dict[str, int]]:
    """(facts of the posting's products, {currency: minor units} that have no rate).

    What the lines do not explain of the order's goods is a fact of key "" (not on a product).
    """
    rate = rates.on(posting.currency, local_day(posting.rate_time))
    if rate is None:
        return [_fact(edition, scope, posting, share.line, 0) for share in posting.shares], {
            posting.currency: posting.goods
        }
    goods = [converted(share.goods, posting.currency, rates.quote, rate) for share in posting.shares]
    facts = [
        _fact(edition, scope, posting, share.line, amount) for share, amount in zip(posting.shares, goods, strict=True)
    ]
    rest = converted(posting.goods, posting.currency, rates.quote, rate) - sum(goods)
    return [*facts, _fact(edition, scope, posting, None, rest)] if rest else facts, {}


def _fact(edition: str, scope: str, posting: Posting, line: Any, amount: int) -> Fact:
    is_sale = posting.kind is PostingKind.SALE
    key = NOT_ON_PRODUCT if line is None else line.product or NOT_ON_PRODUCT
    values = dict.fromkeys(MEASURES, 0)
    if is_sale:
        values["revenue"] = amount
        values["ordered_milli"] = 0 if line is None else line.quantity_milli
    else:
        values["refunded"] = amount
    seen = None if line is None else {name: getattr(line, name) for name in ATTRIBUTES}
    return (edition, scope, key, *values.values(), posting.at, "", seen)


def orders_by_product(edition: str, scope: str, postings: Iterable[Posting]) -> list[Fact]:
    """One fact an order and product, so that a product on two lines of an order counts that order once."""
    facts = []
    for posting in postings:
        if posting.kind is PostingKind.SALE:
            for key in sorted({share.line.product for share in posting.shares if share.line.product}):
                values = dict.fromkeys(MEASURES, 0) | {"orders": 1}
                facts.append((edition, scope, key, *values.values(), posting.at, "", None))
    return facts


def rows_by_scope(facts: DataFrame) -> DataFrame:
    """(edition, scope, rows, other, not_on_product) from FACTS: rows by revenue, views and key, at most 1,000."""
    products = facts.groupBy("edition", "scope", "key").agg(
        *[F.sum(name).alias(name) for name in MEASURES],
        *[_latest(name) for name in ATTRIBUTES],
    )
    by_size = Window.partitionBy("edition", "scope").orderBy(F.desc("revenue"), F.desc("views"), F.asc("key"))
    on_product = products.where(F.col("key") != NOT_ON_PRODUCT).withColumn("rank", F.row_number().over(by_size))
    ranked = on_product.unionByName(products.where(F.col("key") == NOT_ON_PRODUCT).withColumn("rank", F.lit(0)))
    is_top = F.col("rank").between(1, TOP_KEYS)
    is_rest = F.col("rank") > TOP_KEYS
    row = F.struct("rank", "key", *ATTRIBUTES, *MEASURES)
    return ranked.groupBy("edition", "scope").agg(
        F.sort_array(F.collect_list(F.when(is_top, row))).alias("rows"),
        F.struct(
            F.count_if(is_rest).alias("keys"), *[F.sum(F.when(is_rest, F.col(m))).alias(m) for m in MEASURES]
        ).alias("other"),
        F.struct(
            *[F.sum(F.when(F.col("rank") == 0, F.col(m)).otherwise(0)).alias(m) for m in ("revenue", "refunded")]
        ).alias("not_on_product"),
    )


def _latest(attribute: str) -> Column:
    value = F.col(f"seen.{attribute}")
    is_given = value.isNotNull() & (value != "")
    place = F.struct("seen_at", "seen_id", value.alias("value"))
    return F.max_by(value, F.when(is_given, place)).alias(attribute)


def products_content(currency: str, row: dict[str, Any] | None, unconverted: dict[str, int]) -> dict[str, Any]:
    """Content of one day's products report; integers and strings only."""
    rows = [] if row is None else [{k: v for k, v in item.items() if k != "rank"} for item in row["rows"]]
    other = None if row is None or not row["other"]["keys"] else dict(row["other"])
    rest = {"revenue": 0, "refunded": 0} if row is None else dict(row["not_on_product"])
    return {
        "currency": currency,
        "rows": rows,
        "other": other,
        "not_on_product": rest,
        "unconverted": dict(sorted(unconverted.items())),
    }
