"""Which share of the messages is rejected: of the whole platform from the ledger, of each shop from its quality reports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.database import Database

from contracts.chunks import chunks
from contracts.names import Collection, DagId
from contracts.promises import CHECKS, FEWEST_MESSAGES, JUMP, PLATFORM, REJECTED_WINDOW, SHOP, CheckName
from contracts.reports import Family
from contracts.settings import Settings
from contracts.zones import hour_of_key
from footfall_airflow.database import Document
from footfall_airflow.promises import Look, broken_subjects, measured

_CHECK = CHECKS[CheckName.REJECTED]
_BEFORE = timedelta(days=1)
_CHUNK = 500
_WHOLE = "platform"


@dataclass(slots=True)
class Tally:
    messages: int = 0
    rejected: int = 0

    def add(self, messages: int, rejected: int) -> None:
        self.messages += messages
        self.rejected += rejected

    @property
    def share(self) -> float:
        return self.rejected / self.messages if self.messages else 0.0


def look_at_rejected(database: Database[Document], settings: Settings, now: datetime) -> dict[str, Look]:
    """Looks by shop, and one of the platform. A shop that no batch of the last hour touched sends nothing that is rejected."""
    entries = list(_entries(database, now - REJECTED_WINDOW))
    whole = Tally()
    for entry in entries:
        whole.add(entry["counts"]["messages"], entry["counts"]["rejected"])
    broken = broken_subjects(database, CheckName.REJECTED)
    looks = {subject: Look() for subject in broken}
    for shop, latest, before in _shops(database, _reports(entries, whole, settings), now):
        subject = f"{SHOP}/{shop}"
        looks[subject] = _of_shop(shop, latest, before, settings, was_broken=subject in broken)
    return looks | {_WHOLE: _of_platform(whole, settings)}


def _of_platform(whole: Tally, settings: Settings) -> Look:
    """A share of few messages says nothing."""
    share = whole.share if whole.messages >= FEWEST_MESSAGES else 0.0
    sentence = (
        f"{whole.rejected:,} of the {whole.messages:,} messages of the last hour were rejected "
        f"({100 * whole.share:.1f} %), across all shops."
    )
    return measured(CheckName.REJECTED, PLATFORM, share, _CHECK.limit(settings, PLATFORM), sentence)


def _of_shop(shop: str, latest: Tally, before: Tally, settings: Settings, *, was_broken: bool) -> Look:
    """Broken where the share is high and has jumped: a shop that always sends much that is bad has its inbox.

    One that has jumped is broken as long as it stays high, also when the day before is no better any more.
    """
    limit = _CHECK.limit(settings, SHOP)
    has_jumped = was_broken or latest.share >= JUMP * before.share
    if latest.messages < FEWEST_MESSAGES or latest.share <= limit or not has_jumped:
        return Look()
    sentence = (
        f"Shop {shop}: {latest.rejected:,} of {latest.messages:,} messages of the last hours were rejected "
        f"({100 * latest.share:.1f} %), {100 * before.share:.1f} % in the day before."
    )
    return measured(CheckName.REJECTED, f"shop {shop}", latest.share, limit, sentence)


def _entries(database: Database[Document], since: datetime) -> Iterator[Document]:
    query = {"dag": DagId.PROCESS_EVENTS, "planned_at": {"$gt": since}, "counts": {"$exists": True}}
    yield from database[Collection.BATCHES].find(query, {"counts": 1, "touched": 1})


def _reports(entries: Iterable[Document], whole: Tally, settings: Settings) -> list[str]:
    """Ids of the quality reports that the entries replaced; none where too little was rejected for any shop's share."""
    if whole.rejected < FEWEST_MESSAGES * _CHECK.limit(settings, SHOP):
        return []
    ids = {id_ for entry in entries for touched in entry.get("touched", []) for id_ in touched["reports"]}
    return sorted(id_ for id_ in ids if id_.split("/")[2] == Family.QUALITY)


def _shops(database: Database[Document], ids: list[str], now: datetime) -> Iterator[tuple[str, Tally, Tally]]:
    """(shop, tally of the last hours, tally of the day before). The reports' own day may have begun a moment ago."""
    found: dict[str, tuple[Tally, Tally]] = {}
    for chunk in chunks(sorted({id_ for one in ids for id_ in (one, _day_before(one))}), _CHUNK):
        query = {"_id": {"$in": chunk}}
        for report in database[Collection.REPORTS].find(query, {"merchant": 1, "hours": 1}):
            tallies = found.setdefault(report["merchant"], (Tally(), Tally()))
            _add_hours(report.get("hours"), tallies, now)
    for shop, (latest, before) in sorted(found.items()):
        yield shop, latest, before


def _day_before(id_: str) -> str:
    head, _, day = id_.rpartition("/")
    return f"{head}/{(datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()}"


def _add_hours(hours: object, tallies: tuple[Tally, Tally], now: datetime) -> None:
    """A damaged report adds nothing: whoever reads it asks for a new one."""
    latest, before = tallies
    for key, stored in hours.items() if isinstance(hours, dict) else ():
        try:
            start = hour_of_key(key)
            content = stored["content"]
            counts = int(content["received"]) + int(content["returned"]), int(content["rejected"])
        except (KeyError, TypeError, ValueError):
            continue
        # the running hour and the one before it
        if now - 2 * REJECTED_WINDOW < start <= now:
            latest.add(*counts)
        elif now - 2 * REJECTED_WINDOW - _BEFORE < start <= now:
            before.add(*counts)
