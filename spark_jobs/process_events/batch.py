"""What every step of a batch works with."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.ledger import is_hopeless
from spark_jobs.archive import Snapshot, read_at, within
from spark_jobs.attempts import Attempt
from spark_jobs.database import Document
from spark_jobs.set_aside_copy import read_copy
from spark_jobs.sources import read_ranges

HOUR = timedelta(hours=1)


class Batch(Attempt):
    """An attempt at a batch of events."""

    __slots__ = ()

    @property
    def id(self) -> int:
        return int(self.entry.key)

    @property
    def topic(self) -> str:
        return str(self._origin["topic"])

    @property
    def topic_id(self) -> str:
        return str(self._origin["topic_id"])

    @property
    def _origin(self) -> Document:
        """Of a half the topic of the batch that it is a part of."""
        document = self.entry.document
        origin: Document = document.get("origin", document)
        return origin

    @property
    def is_given_up(self) -> bool:
        return not self.entry.is_replay and is_hopeless(self.entry.document)

    @property
    def is_one_message(self) -> bool:
        return bool(self.entry.document["messages"] == 1)

    def messages(self) -> DataFrame:
        """Columns of `spark_jobs.sources.MESSAGES`: from the topic, or of a half from the copy of the whole."""
        document = self.entry.document
        if "root" in document:
            return read_copy(self.spark, self.database, document["root"], document["ranges"], document["messages"])
        return read_ranges(self.spark, self.settings.kafka_bootstrap, self.topic, document["ranges"])

    def committed_rows(self, snapshot: Snapshot, hours: Iterable[datetime]) -> DataFrame:
        """The batch's rows as they stand in the archive; `hours` are the starts of the UTC hours that hold them."""
        ranges = [(hour.astimezone(UTC), hour.astimezone(UTC) + HOUR) for hour in hours]
        return read_at(self.spark, snapshot).where(within("event_time", ranges) & (F.col("batch") == self.id))
