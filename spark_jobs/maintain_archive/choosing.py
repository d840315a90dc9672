"""Which files are written again as one: those of final batches, hour by hour. Pure functions.

A batch that may still be written replaces its rows by "batch = id", which Iceberg carries out by whole files. So no file
may hold batches on both sides of it: the ids of open batches are borders that no new file crosses.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from spark_jobs.maintain_archive.files import ArchivedFile

SMALL_BYTES = 64 * 1024**2
ROWS_AT_ONCE, FILES_AT_ONCE = 2_000_000, 2_000


def groups_to_compact(
    files: Iterable[ArchivedFile], borders: Sequence[int], least_files: int
) -> list[list[ArchivedFile]]:
    """The small files of an hour between two borders, where there are at least so many.

    `borders`: sorted ids of batches that are not final, and at last one that is above every final batch.
    """
    groups: dict[tuple[int, int], list[ArchivedFile]] = {}
    for file in files:
        if file.bytes < SMALL_BYTES and is_final(file, borders):
            groups.setdefault((file.hour, bisect_left(borders, file.first)), []).append(file)
    return [group for _, group in sorted(groups.items()) if len(group) >= least_files]


def is_final(file: ArchivedFile, borders: Sequence[int]) -> bool:
    """Whether the file holds final batches only, all of them between the same two borders."""
    place = bisect_left(borders, file.first)
    return place < len(borders) and file.last < borders[place]


def parts(groups: Iterable[list[ArchivedFile]], borders: Sequence[int]) -> Iterator[list[ArchivedFile]]:
    """Groups that are written in one step: of one stretch between borders, and no more than fits at once."""
    by_stretch: dict[int, list[list[ArchivedFile]]] = {}
    for group in groups:
        by_stretch.setdefault(bisect_left(borders, group[0].first), []).append(group)
    for stretch in by_stretch.values():
        yield from _filled(stretch)


def _filled(groups: Iterable[list[ArchivedFile]]) -> Iterator[list[ArchivedFile]]:
    part: list[ArchivedFile] = []
    for group in groups:
        rows = sum(file.rows for file in (*part, *group))
        if part and (rows > ROWS_AT_ONCE or len(part) + len(group) > FILES_AT_ONCE):
            yield part
            part = []
        part += group
    if part:
        yield part
