"""The copy of the archive in a second place: data files as they are, and lists that each say what one state is made of.

A list is written last, so that a copy that was cut off is one that does not exist. Files never change: what a former
list proves is not copied again.
"""

import gzip
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.maintenance import CopiedFile, CopyList
from spark_jobs.places import Place

LISTS_KEPT = 7
_FOLDER = "lists"
_OURS = re.compile(r"data/event_time_hour=[\w-]+/[\w.-]+\.parquet")


class CopyProblem(RuntimeError):
    """The copy is not what it should be; the message says what to do."""


def list_names(copy: Place) -> list[str]:
    """Newest last."""
    return sorted(name for name in copy.sizes(_FOLDER) if name.endswith(".json.gz"))


def read_list(copy: Place, name: str | None = None) -> CopyList | None:
    """The list of this name, else the newest; None where there is none. Raises CopyProblem where it cannot be read."""
    names = list_names(copy)
    if name is not None and f"{_FOLDER}/{name}" not in names:
        raise CopyProblem(f"{copy.root} has no list {name}: it has {', '.join(names) or 'none'}.")
    chosen = f"{_FOLDER}/{name}" if name is not None else names[-1] if names else None
    if chosen is None:
        return None
    try:
        found: CopyList = json.loads(gzip.decompress(copy.read(chosen)))
    except (OSError, EOFError, ValueError) as error:
        raise CopyProblem(f"{copy.path(chosen)} cannot be read: {error}. Remove it to use the one before.") from error
    for file in found["files"]:
        if not _OURS.fullmatch(file["name"]):
            raise CopyProblem(f"{copy.path(chosen)} names {file['name']!r}, which is no file of an archive.")
    return found


def write_list(copy: Place, listed: CopyList) -> str:
    """Answers the list's name."""
    name = f"{datetime.fromisoformat(listed['made_at']):%Y%m%dT%H%M%S}.json.gz"
    copy.write(f"{_FOLDER}/{name}", gzip.compress(json.dumps(listed).encode()))
    return name


def remove_old(copy: Place) -> int:
    """Lists that are too many, and the files that none of the others names; answers how many files went."""
    names = list_names(copy)
    for name in names[:-LISTS_KEPT]:
        copy.remove(name)
    lists = [read_list(copy, name.removeprefix(f"{_FOLDER}/")) for name in names[-LISTS_KEPT:]]
    needed = {file["name"] for listed in lists if listed for file in listed["files"]}
    gone = [name for name in copy.sizes("data") if name not in needed and _OURS.fullmatch(name.removesuffix(".part"))]
    for name in gone:
        copy.remove(name)
    return len(gone)


def made_at(name: str) -> datetime:
    """Of a list's name below the copy's folder."""
    return datetime.strptime(name.removeprefix(f"{_FOLDER}/"), "%Y%m%dT%H%M%S.json.gz").replace(tzinfo=UTC)


def remove_before(copy: Place, instant: datetime) -> int:
    """Lists of before the instant, and the files that only they name; answers how many lists went. The newest list stays."""
    gone = [name for name in list_names(copy)[:-1] if made_at(name) <= instant]
    for name in gone:
        copy.remove(name)
    remove_old(copy)
    return len(gone)


def by_name(files: Iterable[CopiedFile]) -> dict[str, CopiedFile]:
    return {file["name"]: file for file in files}
