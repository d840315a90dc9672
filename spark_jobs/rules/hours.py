"""Local hours and dates as column expressions: for every instant the same as `contracts.zones`.

`transitions` is `contracts.zones.transitions` of the zone as array<struct<since: bigint, offset: int>>, oldest first.
"""

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

_STEPS = (256, 128, 64, 32, 16, 8, 4, 2, 1)
_DAY_SECONDS = 86_400


def hour_start(instant: Column, transitions: Column) -> Column:
    """The UTC instant at which the local hour that holds `instant` starts; a change of offset starts one too."""
    unix = F.unix_seconds(instant)

    def start(span: Column) -> Column:
        whole = unix - F.pmod(unix + span["offset"], F.lit(3600))
        return F.when(span["since"] > 0, F.greatest(whole, span["since"])).otherwise(whole)

    return F.timestamp_seconds(_with(_span(unix, transitions), start))


def local_date(instant: Column, transitions: Column) -> Column:
    unix = F.unix_seconds(instant)
    local_seconds = unix + _span(unix, transitions)["offset"]
    return F.date_from_unix_date(F.floor(local_seconds / F.lit(_DAY_SECONDS)).cast("int"))


def hour_key(instant: Column, transitions: Column) -> Column:
    """`2026-10-25T00:00Z`, as `contracts.zones.hour_key`; the session's time zone must be UTC."""

    def text(start: Column) -> Column:
        is_whole = F.second(start) == 0
        minutes = F.date_format(start, "yyyy-MM-dd'T'HH:mm'Z'")
        return F.when(is_whole, minutes).otherwise(F.date_format(start, "yyyy-MM-dd'T'HH:mm:ss'Z'"))

    return _with(hour_start(instant, transitions), text)


def day_key(instant: Column, transitions: Column) -> Column:
    """The local date, `2026-10-25`."""
    return local_date(instant, transitions).cast("string")


def _span(unix: Column, transitions: Column) -> Column:
    """The last of `transitions` at or before `unix`, else the first: a binary search, unrolled over its step sizes."""

    def nearer(place: Column, step: Column) -> Column:
        return F.when(F.get(transitions, place + step)["since"] <= unix, place + step).otherwise(place)

    place = F.aggregate(F.array(*[F.lit(step) for step in _STEPS]), F.lit(0), nearer)
    return F.get(transitions, place)


def _with(value: Column, expression: Callable[[Column], Column]) -> Column:
    """`expression` of `value`, which is computed once however often the expression names it."""
    return F.get(F.transform(F.array(value), expression), F.lit(0))
