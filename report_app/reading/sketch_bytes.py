"""The bytes of an hour's sketch of visitors."""

from datasketches import hll_sketch

CLOSE_SHARE, CLOSE_COUNT = 0.15, 10


def readable_sketch(sketch: bytes | None, exact: int) -> hll_sketch | None:
    """The sketch; null where it is missing, damaged, or far from the exact count beside it."""
    if sketch is None:
        return None
    try:
        found = hll_sketch.deserialize(sketch)
    except (ValueError, RuntimeError):
        return None
    return found if abs(found.get_estimate() - exact) <= max(CLOSE_COUNT, exact * CLOSE_SHARE) else None
