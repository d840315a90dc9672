"""Errors that are counted only: their places, packed into documents of `error_causes`, and the counts that follow from them."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

Places = dict[str, dict[str, list[object]]]
"""Partition -> offset -> [hour of the event, whether it is dropped]."""


def counted_fields(places: Places) -> dict[str, Any]:
    """`places` packed, and their counts by hour."""
    by_hour = Counter((str(hour), bool(is_dropped)) for found in places.values() for hour, is_dropped in found.values())
    hours = [
        {"hour": hour, "waiting": by_hour[hour, False], "dropped": by_hour[hour, True]}
        for hour in sorted({hour for hour, _ in by_hour})
    ]
    return {"hours": hours, "places": zlib.compress(json.dumps(places).encode("ascii"))}


def unpacked(packed: bytes) -> Places:
    found: Places = json.loads(zlib.decompress(packed))
    return found


def without_places(places: Places, gone: Iterable[tuple[int, int]]) -> Places:
    """Without these (partition, offset)."""
    taken = {(str(partition), str(offset)) for partition, offset in gone}
    return {
        partition: {offset: said for offset, said in found.items() if (partition, offset) not in taken}
        for partition, found in places.items()
    }
