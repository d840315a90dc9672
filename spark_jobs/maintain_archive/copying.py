"""Copies what is new in the archive to the second place, and proves some of what is old there."""

import logging
import zlib
from collections.abc import Sequence
from datetime import datetime

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.maintenance import CopiedFile, CopyList
from contracts.settings import Settings
from spark_jobs.archive import Snapshot
from spark_jobs.archive_copy import by_name, read_list, remove_old, write_list
from spark_jobs.database import Document
from spark_jobs.failures import PermanentError
from spark_jobs.iceberg import table
from spark_jobs.maintain_archive.choosing import is_final
from spark_jobs.maintain_archive.files import ArchivedFile, archived_files
from spark_jobs.places import DamagedFile, Place, place_of
from spark_jobs.platform import archive_epoch, note_removed, removed_rows

PROVEN_EACH_NIGHT = 7
"""Of the files that are there already, each is read again in one of so many nights."""
log = logging.getLogger("footfall.job")


def copy_archive(
    spark: SparkSession,
    database: Database[Document],
    settings: Settings,
    snapshot: Snapshot,
    borders: Sequence[int],
    now: datetime,
) -> int:
    """Copies the snapshot's files of final batches; answers how many were new.

    Raises PermanentError, with the copy left as it is, where the archive holds far fewer rows than the copy.
    """
    copy, archive = place_of(settings.archive_copy), place_of(str(table(spark).location()))
    if f"{copy.root}/".startswith(f"{archive.root}/"):
        raise PermanentError(f"{copy.root} is inside of the archive, which removes files that it does not know.")
    files = [file for file in archived_files(spark, snapshot) if is_final(file, borders)]
    last = read_list(copy)
    removed = _removed(database, last)
    _require_no_loss(last, sum(file.rows for file in files) + removed, settings.backup_shrink_share)
    known = _proven(copy, by_name(last["files"]) if last else {}, now)
    copied = [known.get(_name(archive, file)) or _copy(archive, copy, file) for file in files]
    *open_, horizon = borders
    listed = CopyList(
        made_at=now.isoformat(timespec="seconds"),
        epoch=archive_epoch(database),
        horizon=horizon,
        open=open_,
        rows=sum(file["rows"] for file in copied),
        removed=removed,
        files=copied,
    )
    name, new = write_list(copy, listed), sum(file["name"] not in known for file in copied)
    log.info("copy=%s list=%s files=%d new=%d removed=%d", copy.root, name, len(copied), new, remove_old(copy))
    return new


def _removed(database: Database[Document], last: CopyList | None) -> int:
    """A database that was put back to an earlier night is told what the copy knows."""
    known = removed_rows(database)
    unknown = max(last["removed"] - known, 0) if last else 0
    if unknown:
        note_removed(database, unknown)
    return known + unknown


def _require_no_loss(last: CopyList | None, rows_ever: int, share: float) -> None:
    """`rows_ever`: those that the archive holds, and those that were deleted from it on purpose."""
    least = (last["rows"] + last["removed"]) * (1 - share) if last else 0
    if last and rows_ever < least:
        raise PermanentError(
            f"The archive holds far fewer rows than its copy of {last['made_at']}: {rows_ever - last['removed']:,} instead of "
            f"{last['rows']:,}. Nothing was copied. Restore it with `footfall archive restore`; if it is right as it is, "
            "give FOOTFALL_ARCHIVE_COPY another folder."
        )


def _proven(copy: Place, known: dict[str, CopiedFile], now: datetime) -> dict[str, CopiedFile]:
    """Of the files that the last list names, those that are there with their size; of one share the content is read again."""
    sizes, tonight = copy.sizes("data"), now.toordinal() % PROVEN_EACH_NIGHT
    found = {name: file for name, file in known.items() if sizes.get(name) == file["bytes"]}
    for name in [name for name in found if zlib.crc32(name.encode()) % PROVEN_EACH_NIGHT == tonight]:
        if copy.sha256(name) != found[name]["sha256"]:
            log.error("alert: damaged in the copy of the archive, and copied anew: %s", copy.path(name))
            del found[name]
    return found


def _copy(archive: Place, copy: Place, file: ArchivedFile) -> CopiedFile:
    name = _name(archive, file)
    try:
        sha256 = copy.take(archive, name, name)
    except DamagedFile as damage:
        raise PermanentError(str(damage)) from damage
    return CopiedFile(name=name, hour=file.hour, rows=file.rows, bytes=file.bytes, sha256=sha256)


def _name(archive: Place, file: ArchivedFile) -> str:
    """Below the archive's folder, as `data/…`."""
    whole = place_of(file.path).root
    if not whole.startswith(f"{archive.root}/data/"):
        raise PermanentError(
            f"{file.path} is not below {archive.root}/data: the archive's files must be in its own folder."
        )
    return whole.removeprefix(f"{archive.root}/")
