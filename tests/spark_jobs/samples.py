"""Valid messages and envelopes, and one Spark job for all cases of a module: a case overrides what makes it one."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from contracts.archive import COLUMNS
from spark_jobs.frames import frame
from spark_jobs.merchants import Merchant
from spark_jobs.rules.arrivals import arrivals_of
from spark_jobs.rules.goods import Amounts, Line
from spark_jobs.rules.orders import OrderEvent
from spark_jobs.sources import MESSAGES

RECEIVED = datetime(2026, 11, 24, 14, 32, 48, 123_000, tzinfo=UTC)
SENT_TEXT = "2026-11-24T14:32:48.001Z"
TIME_TEXT = "2026-11-24T14:32:47.900Z"
TIME = datetime(2026, 11, 24, 14, 32, 47, 900_000, tzinfo=UTC)
KAFKA_TIME = datetime(2026, 11, 24, 14, 32, 48, 500_000, tzinfo=UTC)
SHOP_COLUMNS = "merchant string, currency string, page_keys_may_change_orders boolean, retention_days int"
SHOPS = [("amber", "EUR", False, None), ("open", "INR", True, None), ("brief", "JPY", False, 30)]


def message(**fields):
    """A page view; fields that are None are left out."""
    base = {"type": "page", "messageId": "m-1", "timestamp": TIME_TEXT, "anonymousId": "v-1"}
    return {name: value for name, value in (base | fields).items() if value is not None}


def track(event, **fields):
    return message(type="track", event=event, **fields)


def order(event="Order Completed", **properties):
    """An order of 12.50 EUR in one line; properties that are None are left out."""
    line = {"product_id": "tea", "price": "12.50", "quantity": 1}
    base = {"order_id": "1001", "revenue": "12.50", "products": [line]}
    return track(event, properties={name: value for name, value in (base | properties).items() if value is not None})


def envelope(content=None, **fields):
    """Bytes of an envelope around a message (an object, or its text)."""
    text = content if isinstance(content, str) else json.dumps(message() if content is None else content)
    base = {
        "v": 1,
        "envelope_id": "e-1",
        "merchant": "amber",
        "key_kind": "server",
        "key_generation": 1,
        "received_at": "2026-11-24T14:32:48.123Z",
        "sent_at": SENT_TEXT,
        "message_id": None,
        "ip": None,
        "user_agent": None,
        "source": {"door": "v1/batch", "adapter": 1},
        "reject": None,
        "repair": None,
        "context": None,
        "message": text,
    }
    return json.dumps(base | fields).encode()


def message_rows(spark, values):
    """Values of a topic as `spark_jobs.sources.MESSAGES`, offsets from 0."""
    return frame(spark, [(value, 3, place, KAFKA_TIME) for place, value in enumerate(values)], MESSAGES)


def arrivals(spark, values):
    """The archive's row of each value, in their order, from one job."""
    shops = frame(spark, SHOPS, SHOP_COLUMNS)
    found = arrivals_of(message_rows(spark, values), shops, 7, "topic-1").toArrow().to_pylist()
    return sorted(found, key=lambda row: row["offset"])


def arrivals_by_name(spark, cases):
    """The archive's row of each case (name -> value of the topic)."""
    return dict(zip(cases, arrivals(spark, cases.values()), strict=True))


def evaluated(spark, schema, rows, columns):
    """`columns` (name -> expression) of each of the rows (tuples of `schema`, a struct is a dict), in their order, from one job."""
    placed = frame(spark, [(place, *row) for place, row in enumerate(rows)], f"place int, {schema}")
    found = placed.select("place", *[column.alias(name) for name, column in columns.items()]).toArrow().to_pylist()
    return [{name: row[name] for name in columns} for row in sorted(found, key=lambda row: row["place"])]


def archived(name, **overrides):
    """A row of the archive: an accepted page view that arrived at once; `name` makes its ids."""
    base = dict.fromkeys(column for column, _ in COLUMNS) | {
        "batch": 1,
        "partition": 0,
        "offset": 0,
        "envelope_id": f"e/{name}",
        "merchant": "amber",
        "received_at": TIME,
        "client_time": TIME,
        "event_time": TIME,
        "time_source": "client",
        "outcome": "accepted",
        "is_bot": False,
        "is_returned": False,
        "is_cookieless": False,
        "flags": [],
        "type": "page",
        "message_id": f"m/{name}",
        "anonymous_id": "v-1",
        "original": b"{}",
    }
    assert overrides.keys() <= base.keys()
    return base | overrides


def archive_rows(spark, rows):
    """A frame of rows of the archive."""
    schema = ", ".join(f"`{name}` {kind}" for name, kind in COLUMNS)
    return frame(spark, [[row[name] for name, _ in COLUMNS] for row in rows], schema)


def shop(name="amber", **overrides):
    base = {
        "id": name,
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "settings_version": 1,
        "prices_include_tax": False,
        "page_keys_may_change_orders": False,
        "retention_days": None,
    }
    base["message_currency"] = overrides.get("currency", "EUR")
    return Merchant(**(base | overrides))


def at(minutes):
    """So many minutes after noon of the day of the tests."""
    return datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(minutes=minutes)


def event(name="Order Completed", minute=0, message_id=None, lines=None, **fields):
    """An order's event; amounts are those of `fields` that are amounts, a line is (product, quantity, amount)."""
    amounts = {key: fields.pop(key) for key in list(fields) if key in Amounts.__slots__}
    base = {
        "message_id": message_id or f"{name}/{minute}",
        "envelope_id": f"e/{name}/{minute}",
        "event_time": at(minute),
        "received_at": at(minute),
        "currency": "EUR",
    }
    own_lines = None if lines is None else tuple(line(*values) for values in lines)
    return OrderEvent(name=name, amounts=Amounts(**amounts), lines=own_lines, **(base | fields))


def line(product, quantity=1, amount=0, **fields):
    milli = int(Decimal(str(quantity)) * 1000)
    return Line(product, milli, amount, **({"price": amount} | fields))
