"""What every step of a batch works with."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.archive import Snapshot, read_at, within
from spark_jobs.attempts import Attempt

HOUR = timedelta(hours=1)


class Batch(Attempt):
    """An attempt at a batch of events."""

    __slots__ = ()

    @property
    def id(self) -> int:
        return int(self.entry.key)

    @property
    def topic(self) -> str:
        return str(self.entry.document["topic"])

    def committed_rows(self, snapshot: Snapshot, hours: Iterable[datetime]) -> DataFrame:
        """The batch's rows as they stand in the archive; `hours` are the starts of the UTC hours that hold them."""
        ranges = [(hour.astimezone(UTC), hour.astimezone(UTC) + HOUR) for hour in hours]
        return read_at(self.spark, snapshot).where(within("event_time", ranges) & (F.col("batch") == self.id))
