"""Messages: from the client's JSON text to the fields that rules use. Each text is parsed once.

Every scalar is read as text, so that a wrong type never hides a field; a part that should be an object or a list and is
none is null, and only then is the text looked at again to tell "wrong" from "absent".
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.events import ORDER_EVENTS, PRODUCT_EVENTS, MessageType
from spark_jobs.rules.names import canonical_name
from spark_jobs.rules.texts import given, lower, stripped

PRODUCT_FIELDS = ("product_id", "sku", "id", "name", "brand", "category", "variant", "price", "quantity")
_PRODUCT = ", ".join(f"{name}: string" for name in (*PRODUCT_FIELDS, "discount", "coupon"))
ORDER_TEXTS = ("order_id", "refund_id", "currency", "total", "revenue", "subtotal", "tax", "shipping")
_PROPERTIES = (
    ", ".join(f"{name}: string" for name in ORDER_TEXTS) + f", {_PRODUCT}, products: array<struct<{_PRODUCT}>>"
)
_CONTEXT = "struct<userAgent: string, library: struct<name: string>, cookieless: string>"
_IDS = ("type", "event", "messageId", "anonymousId", "userId", "originalTimestamp", "timestamp", "sentAt")
_TOP = ", ".join(f"{name}: string" for name in _IDS)
_MESSAGE = f"struct<{_TOP}, context: {_CONTEXT}, properties: struct<{_PROPERTIES}>>"
_DOORS = {kind[0]: str(kind) for kind in MessageType}
USER_AGENT_CHARACTERS = 1_024


def with_messages(envelopes: DataFrame) -> DataFrame:
    """`envelopes` with type, event, message_id, anonymous_id, user_id, user_agent, library, is_cookieless, client_text,
    client_field, sent_text, properties, is_order, is_product, is_readable, has_bad_properties.
    """
    parsed = envelopes.withColumns(
        {"json": F.from_json("message", _MESSAGE), "shared": F.from_json("context", _CONTEXT)}
    )
    named = parsed.withColumns(
        {
            "type": F.coalesce(given(F.col("json.type")), _type_of_door()),
            "event": F.when(_type_is_track(), given(canonical_name(F.col("json.event")))),
            "message_id": F.coalesce(given(F.col("message_id")), given(F.col("json.messageId")), _id_of_bytes()),
            "anonymous_id": given(F.col("json.anonymousId")),
            "user_id": given(F.col("json.userId")),
            "is_readable": F.col("message").isNull() | ~_is_nothing_read() | F.json_object_keys("message").isNotNull(),
            "has_bad_properties": _has_bad_properties(),
            "properties": F.col("json.properties"),
            **_times(),
            **_context(),
        }
    ).drop("json", "shared")
    is_order = F.col("event").isin([str(name) for name in ORDER_EVENTS])
    is_product = F.col("event").isin([str(name) for name in PRODUCT_EVENTS])
    return named.withColumns(
        {"is_order": F.coalesce(is_order, F.lit(False)), "is_product": F.coalesce(is_product, F.lit(False))}
    )


def _type_is_track() -> Column:
    return F.coalesce(given(F.col("json.type")), _type_of_door()) == MessageType.TRACK


def _type_of_door() -> Column:
    """The last part of the door: a name or, in the short paths, its first letter."""
    part = F.substring_index("door", "/", -1)
    short = F.create_map(*[F.lit(text) for pair in _DOORS.items() for text in pair])
    return F.coalesce(short[part], part)


def _id_of_bytes() -> Column:
    """What the collector gives a message without an id, for envelopes that have none; the arrival's without a time."""
    digest = F.concat(F.lit("sha256:"), F.substring(F.sha2("message", 256), 1, 32))
    return F.when(_client_text().isNotNull(), digest).otherwise(F.when(~_is_nothing_read(), F.col("envelope_id")))


def _client_text() -> Column:
    return F.coalesce(given(F.col("json.originalTimestamp")), given(F.col("json.timestamp")))


def _times() -> dict[str, Column]:
    original = given(F.col("json.originalTimestamp"))
    return {
        "client_text": _client_text(),
        "client_field": F.when(original.isNotNull(), "originalTimestamp").otherwise("timestamp"),
        "sent_text": F.coalesce(given(F.col("envelope_sent_at")), given(F.col("json.sentAt"))),
    }


def _context() -> dict[str, Column]:
    """Fields of the message's own context, else of its batch's."""

    def merged(name: str) -> Column:
        return F.coalesce(given(F.col(f"json.context.{name}")), given(F.col(f"shared.{name}")))

    agent = F.coalesce(merged("userAgent"), given(F.col("user_agent")))
    is_cookieless = (lower(merged("cookieless")) == "true") & given(F.col("json.anonymousId")).isNull()
    return {
        "user_agent": F.substring(agent, 1, USER_AGENT_CHARACTERS),
        "library": lower(stripped(merged("library.name"))),
        "is_cookieless": F.coalesce(is_cookieless, F.lit(False)),
    }


def _is_nothing_read() -> Column:
    parts = [F.col(f"json.{name}") for name in _IDS]
    is_empty = F.col("json.context").isNull() & F.col("json.properties").isNull()
    return F.coalesce(*parts).isNull() & is_empty


def _has_bad_properties() -> Column:
    is_suspect = F.col("json.properties").isNull() & F.col("message").contains('"properties"')
    return F.coalesce(is_suspect & _is_in_message("$.properties"), F.lit(False))


def lacks_list_of_products() -> Column:
    """`products` is there and is no list of objects (a hole in a list is not looked for)."""
    is_suspect = F.col("properties.products").isNull() & F.col("message").contains('"products"')
    return F.coalesce(is_suspect & _is_in_message("$.properties.products"), F.lit(False))


def _is_in_message(path: str) -> Column:
    return F.get_json_object("message", path).isNotNull()
