"""The archive: one row an arrival, in Iceberg table `lake.footfall.arrivals`, partitioned by the hour of event_time (UTC)."""

CATALOG = "lake"
TABLE = "lake.footfall.arrivals"

ORDER_TYPE = (
    "struct<order_id: string, refund_id: string, currency: string, coupon: string, has_amounts: boolean, "
    "total: bigint, revenue: bigint, subtotal: bigint, tax: bigint, shipping: bigint, discount: bigint, "
    "lines: array<struct<product: string, name: string, brand: string, category: string, variant: string, "
    "price: bigint, quantity_milli: bigint, discount: bigint, coupon: string, amount: bigint>>>"
)
"""Amounts in minor units of `currency`, null where the client sent none; `lines` is null where it sent no products.

`amount` = price x quantity - the line's discount, rounded half-up once; a missing price is null and counts as 0.
`product` is product_id, else sku, else id."""

COLUMNS: tuple[tuple[str, str], ...] = (
    # the road
    ("batch", "bigint"),
    ("partition", "int"),
    ("offset", "bigint"),
    ("kafka_time", "timestamp"),
    ("envelope_id", "string"),
    ("merchant", "string"),
    ("key_kind", "string"),
    ("key_generation", "int"),
    ("received_at", "timestamp"),
    ("sent_at", "timestamp"),
    # times
    ("client_time", "timestamp"),
    ("event_time", "timestamp"),
    ("time_source", "string"),
    # verdict: `accepted` or `rejected`; copies and bots are told apart where reports are computed
    ("outcome", "string"),
    ("code", "string"),
    ("field", "string"),
    ("is_bot", "boolean"),
    ("is_returned", "boolean"),
    ("is_cookieless", "boolean"),
    ("flags", "array<string>"),
    # the message
    ("type", "string"),
    ("event", "string"),
    ("message_id", "string"),
    ("anonymous_id", "string"),
    ("user_id", "string"),
    ("product", "struct<key: string, name: string, brand: string, category: string, variant: string>"),
    ("quantity_milli", "bigint"),
    ("order", ORDER_TYPE),
    ("user_agent", "string"),
    ("original", "binary"),
    # the whole value as it stood in the topic; only for rejected rows
    ("envelope", "binary"),
)

SCHEMA = ", ".join(f"`{name}` {kind}" for name, kind in COLUMNS)
PARTITION = "hours(event_time)"


class Flag:
    """What `flags` may hold: remarks on a row that was used all the same."""

    FUTURE_TIME = "future_time"
    BAD_SENT_AT = "bad_sent_at"
    NO_CURRENCY = "no_currency"
    ORDER_WITHOUT_ID = "order_without_id"
    PRICE_MISSING = "price_missing"
    AMOUNTS_DISAGREE = "amounts_disagree"


class TimeSource:
    """Where event_time comes from."""

    CLIENT = "client"
    CORRECTED = "corrected"
    RECEIVED = "received"
    CAPPED = "capped"
    ASSIGNED = "assigned"
