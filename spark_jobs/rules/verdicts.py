"""Verdicts: accepted, or rejected with the first rule that a message breaks.

The order of `problem_of` is the documented one: what was found first about the bytes, then the message, then its times,
then its order. A rejected row keeps its ids, its times and its bytes.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.errors import ErrorCode
from contracts.events import SERVER_KEY_EVENTS, Event, MessageType
from spark_jobs.rules.amounts import problem
from spark_jobs.rules.times import is_too_old

MAX_ID_CHARACTERS = 512
_IDS = {
    "message_id": "messageId",
    "anonymous_id": "anonymousId",
    "user_id": "userId",
    "order_id": "properties.order_id",
}


def problem_of() -> Column:
    """struct<code, field> of the first broken rule, null where none is; needs the columns of rules.arrivals."""
    return F.coalesce(
        *_of_envelope(),
        *_of_message(),
        *_of_times(),
        *_of_order(),
        *_of_product(),
    )


def _when(is_broken: Column, code: ErrorCode, field: str | Column | None) -> Column:
    name = field if isinstance(field, Column) else F.lit(field).cast("string")
    return problem(F.when(is_broken, str(code)), name)


def _of_envelope() -> list[Column]:
    starts_as_object = F.ltrim("message").startswith("{")
    is_unreadable = ~F.col("is_readable")
    return [
        _when(~F.col("is_envelope"), ErrorCode.BAD_ENVELOPE, None),
        _when(F.col("merchant_currency").isNull(), ErrorCode.UNKNOWN_MERCHANT, None),
        _when(~F.col("reject.code").isin([str(code) for code in ErrorCode]), ErrorCode.BAD_ENVELOPE, "reject"),
        F.when(F.col("reject.code").isNotNull(), F.col("reject")),
        _when(F.col("message").isNull(), ErrorCode.BAD_ENVELOPE, "message"),
        _when(is_unreadable & ~starts_as_object, ErrorCode.NOT_AN_OBJECT, None),
        _when(is_unreadable, ErrorCode.BAD_JSON, None),
    ]


def _of_message() -> list[Column]:
    is_known = F.coalesce(F.col("type").isin([str(kind) for kind in MessageType]), F.lit(False))
    is_track = F.col("type") == MessageType.TRACK
    return [
        _when(~is_known, ErrorCode.UNKNOWN_TYPE, "type"),
        _when(is_track & F.col("event").isNull(), ErrorCode.NO_EVENT_NAME, "event"),
        *[_when(F.length(name) > MAX_ID_CHARACTERS, ErrorCode.BAD_ID, field) for name, field in _IDS.items()],
        _when(F.col("has_bad_properties"), ErrorCode.BAD_PROPERTIES, "properties"),
    ]


def _is_server_key() -> Column:
    return F.coalesce(F.col("key_kind") == "server", F.lit(False))


def _of_times() -> list[Column]:
    is_old = is_too_old(_is_server_key(), F.col("retention_days"))
    return [
        _when(F.col("has_bad_time"), ErrorCode.BAD_TIME, F.col("client_field")),
        _when(is_old, ErrorCode.TOO_OLD, F.col("client_field")),
    ]


def _of_order() -> list[Column]:
    is_order, event = F.col("is_order"), F.col("event")
    may_change = _is_server_key() | F.coalesce(F.col("page_keys_may_change_orders"), F.lit(False))
    needs_server_key = event.isin([str(name) for name in SERVER_KEY_EVENTS]) & ~may_change
    has_no_id = is_order & (event != Event.ORDER_COMPLETED) & F.col("order_id").isNull()
    return [
        _when(needs_server_key, ErrorCode.NEEDS_SERVER_KEY, "event"),
        _when(has_no_id, ErrorCode.NO_ORDER_ID, "properties.order_id"),
        _when(F.col("has_bad_products"), ErrorCode.BAD_PRODUCTS, "properties.products"),
        _when(is_order & F.col("units").isNull(), ErrorCode.BAD_CURRENCY, "properties.currency"),
        F.col("amount_problem"),
        F.col("line_problem"),
    ]


def _of_product() -> list[Column]:
    counts = F.col("event").isin(str(Event.PRODUCT_ADDED), str(Event.PRODUCT_REMOVED))
    is_bad = counts & F.coalesce(F.col("quantity") < 0, F.col("is_product"))
    return [_when(is_bad, ErrorCode.BAD_QUANTITY, "properties.quantity")]
