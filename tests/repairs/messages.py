"""What shops send wrong, and what the built-in rules make of it."""

import json

from repairs.json_text import read_value, written
from repairs.rules import repaired_by_rules

ORDER = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1", "coupon": "X"}, "extra": [1]}


def repaired(message, code, field):
    """The repaired message as plain JSON, None where no rule decides."""
    found = repaired_by_rules(read_value(json.dumps(message)), code, field)
    return None if found is None else json.loads(written(found.message))


def order(**properties):
    return ORDER | {"properties": ORDER["properties"] | properties}
