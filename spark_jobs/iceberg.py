"""Iceberg's own objects, through Spark's JVM: what no SQL statement and no writer of Spark's can say."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pyspark.sql import DataFrame, SparkSession

from contracts.archive import TABLE

_MICROSECONDS_AN_HOUR = 3_600_000_000
_IN_ORDER = {"fanout-enabled": "false", "use-table-distribution-and-ordering": "false"}


def table(spark: SparkSession) -> Any:
    """The archive as `org.apache.iceberg.Table`, as it is now."""
    return spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(  # type: ignore[union-attr]
        spark._jsparkSession, TABLE
    )


class Rewrite:
    """Some files of the archive, read and written again beside it; nothing changes in the archive before `commit`."""

    def __init__(self, spark: SparkSession, archive: Any, tasks: Any, name: str) -> None:
        self._spark, self._archive, self._tasks, self._name = spark, archive, tasks, name
        self._started_at = archive.currentSnapshot().snapshotId()

    def rows(self) -> DataFrame:
        """The rows of the files, and no others."""
        return self._spark.read.format("iceberg").load(self._name)

    def write(self, rows: DataFrame) -> dict[int, int]:
        """Writes `rows` in their order as new files that nobody sees yet; answers their rows by hour (number since 1970)."""
        rows.write.format("iceberg").options(**_IN_ORDER).mode("append").save(self._name)
        counts: dict[int, int] = {}
        for file in self._new_files():
            hour = int(file.partition().get(0, _integer(self._spark)))
            counts[hour] = counts.get(hour, 0) + int(file.recordCount())
        return counts

    def commit(self, why: str) -> None:
        """The new files instead of the old ones, in one step. Fails and changes nothing where an old one is gone meanwhile."""
        change = self._archive.newRewrite().validateFromSnapshot(self._started_at).set("footfall.why", why)
        for task in self._tasks:
            change.deleteFile(task.file())
        for file in self._new_files():
            change.addFile(file)
        change.commit()

    def _new_files(self) -> Any:
        return _packages(self._spark).spark.FileRewriteCoordinator.get().fetchNewFiles(self._archive, self._name)


@contextmanager
def rewriting(spark: SparkSession, snapshot_id: int, files: Mapping[str, int]) -> Iterator[Rewrite]:
    """These files of that snapshot, paths with their hours.

    What Iceberg holds ready for them goes afterwards; files that were written and not committed are orphans.
    """
    archive, name = table(spark), uuid4().hex
    tasks = _tasks(spark, archive, snapshot_id, files)
    spark_side = _packages(spark).spark
    sets = spark_side.ScanTaskSetManager.get()
    cache = _table_cache(spark, sets)
    cache.add(name, archive)
    sets.stageTasks(archive, name, tasks)
    try:
        yield Rewrite(spark, archive, tasks, name)
    finally:
        cache.remove(name)
        sets.removeTasks(archive, name)
        spark_side.FileRewriteCoordinator.get().clearRewrite(archive, name)


def _table_cache(spark: SparkSession, beside: Any) -> Any:
    """Spark's cache of tables; `beside` is an object of the same jar.

    Its class has two methods `get`, one of them static, and which of them Py4J finds by that name differs from JVM to JVM.
    """
    gateway: Any = spark.sparkContext._gateway
    words = gateway.jvm.java.lang
    found = beside.getClass().getClassLoader().loadClass("org.apache.iceberg.spark.SparkTableCache")
    get = found.getMethod("get", gateway.new_array(words.Class, 0))
    return get.invoke(None, gateway.new_array(words.Object, 0))


def append_files(spark: SparkSession, files: Iterable[tuple[str, int, int]]) -> None:
    """Makes Parquet files part of the archive, in one step; of each its path, hour (since 1970) and bytes.

    What Iceberg keeps of their content is read from the files themselves.
    """
    iceberg, archive = _packages(spark), table(spark)
    metrics_wanted = iceberg.MetricsConfig.forTable(archive)
    change = archive.newAppend()
    for path, hour, size in files:
        partition = iceberg.PartitionData(archive.spec().partitionType())
        partition.set(0, hour)
        metrics = iceberg.parquet.ParquetUtil.fileMetrics(archive.io().newInputFile(path), metrics_wanted)
        builder = iceberg.DataFiles.builder(archive.spec()).withPath(path).withFormat("parquet")
        change.appendFile(builder.withFileSizeInBytes(size).withPartition(partition).withMetrics(metrics).build())
    change.commit()


def _tasks(spark: SparkSession, archive: Any, snapshot_id: int, files: Mapping[str, int]) -> Any:
    """Iceberg's orders to read the files. Raises LookupError where the snapshot does not hold one of them."""
    hours = files.values()
    found = spark._jvm.java.util.ArrayList()  # type: ignore[union-attr]
    times = _packages(spark).expressions.Expressions
    scan = archive.newScan().useSnapshot(snapshot_id).ignoreResiduals()
    scan = scan.filter(times.greaterThanOrEqual("event_time", min(hours) * _MICROSECONDS_AN_HOUR))
    planned = scan.filter(times.lessThan("event_time", (max(hours) + 1) * _MICROSECONDS_AN_HOUR)).planFiles()
    try:
        for task in each(planned.iterator()):
            if task.file().location() in files:
                found.add(task)
    finally:
        planned.close()
    if len(found) != len(files):
        raise LookupError(f"Snapshot {snapshot_id} holds {len(found)} of {len(files)} files.")
    return found


def each(iterator: Any) -> Iterator[Any]:
    """What an iterator of the JVM gives."""
    while iterator.hasNext():
        yield iterator.next()


def _packages(spark: SparkSession) -> Any:
    return spark._jvm.org.apache.iceberg  # type: ignore[union-attr]


def _integer(spark: SparkSession) -> Any:
    return spark._jvm.java.lang.Class.forName("java.lang.Integer")  # type: ignore[union-attr]
