"""restore_archive: an archive from its copy; what the ledger has beyond it is read again from the topic."""

import argparse
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.archive import TABLE
from contracts.completeness import check_contracts
from contracts.maintenance import CopyList
from spark_jobs.archive import create_archive, current_snapshot
from spark_jobs.archive_copy import read_list
from spark_jobs.database import Document, open_database
from spark_jobs.failures import PermanentError, run_job
from spark_jobs.iceberg import append_files, table
from spark_jobs.maintain_archive.files import archived_files
from spark_jobs.places import Place, place_of
from spark_jobs.restore_archive.reconciling import begin_epoch, read_again, require_idle
from spark_jobs.session import open_session

log = logging.getLogger("footfall.job")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="place", required=True, help="the folder of the copy")
    parser.add_argument("--list", dest="name", help="one of its lists; without it the newest")
    parser.add_argument("--instead", action="store_true", help="also where the archive holds rows: they are let go")
    arguments = parser.parse_args()
    settings = check_contracts()
    database, copy = open_database(settings), place_of(arguments.place)
    spark = open_session("restore-archive", settings)
    restore(spark, database, copy, _chosen(copy, arguments.name), is_instead=arguments.instead)
    spark.stop()


def restore(
    spark: SparkSession, database: Database[Document], copy: Place, listed: CopyList, is_instead: bool = False
) -> list[int]:
    """Answers the batches that are read again. The archive has no snapshot before all of its files are there, proven.

    Raises PermanentError where somebody is at work, the archive holds rows, or the copy is damaged.
    """
    require_idle(database, datetime.now(UTC))
    make_room(spark, is_instead)
    # first raised, then filled: what is computed from the restored archive wins over all that was
    epoch = begin_epoch(database, listed["epoch"])
    archive = place_of(str(table(spark).location()))
    for file in listed["files"]:
        if archive.take(copy, file["name"], file["name"]) != file["sha256"]:
            raise PermanentError(f"{copy.path(file['name'])} is damaged: choose an older list. The archive is empty.")
    batches = read_again(database, listed)
    append_files(spark, [(archive.path(file["name"]), file["hour"], file["bytes"]) for file in listed["files"]])
    _require_rows(spark, listed)
    log.info("restored epoch=%d rows=%d files=%d", epoch, listed["rows"], len(listed["files"]))
    log.info("read again: %s", _counted(batches))
    return batches


def make_room(spark: SparkSession, is_instead: bool) -> None:
    """An empty archive. What an old one wrote stays on the disk until `maintain_archive` finds that it belongs to nothing."""
    if is_instead:
        spark.sql(f"DROP TABLE IF EXISTS {TABLE}")
    create_archive(spark)
    if current_snapshot(spark) is not None:
        raise PermanentError("The archive holds rows: say --instead to have the copy in their place.")


def _chosen(copy: Place, name: str | None) -> CopyList:
    listed = read_list(copy, name)
    if listed is None:
        raise PermanentError(f"{copy.root} holds no copy of an archive.")
    return listed


def _require_rows(spark: SparkSession, listed: CopyList) -> None:
    snapshot = current_snapshot(spark)
    rows = sum(file.rows for file in archived_files(spark, snapshot)) if snapshot else 0
    if rows != listed["rows"]:
        raise PermanentError(
            f"The restored archive holds {rows:,} rows, its copy {listed['rows']:,}: restore it again."
        )


def _counted(batches: Iterable[int]) -> str:
    ids = list(batches)
    return f"{len(ids)} batches, {ids[0]} to {ids[-1]}" if ids else "no batch"


if __name__ == "__main__":
    run_job(main)
