"""Report documents: a scope's content with its checksum, its receipt and the version that decides between two writers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from contracts.events import NAMES_VERSION
from contracts.names import DueGroup
from contracts.reports import (
    DEFINITION_VERSION,
    REPORT_SCHEMA,
    RULES_VERSION,
    SHAPES,
    Family,
    Receipt,
    Version,
    report_checksum,
    report_id,
)
from contracts.zones import hour_of_key, local_date
from spark_jobs.archive import Snapshot
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Merchant
from spark_jobs.rules.bots import BOT_RULES_VERSION


@dataclass(frozen=True, slots=True)
class Computation:
    """Who computes, from which state of the archive: what every receipt of one attempt has in common."""

    snapshot: Snapshot
    epoch: int
    rates_version: int
    run: str
    batch: int | None

    def version(self, merchant: Merchant) -> Version:
        return Version(settings=merchant.settings_version, epoch=self.epoch, sequence=self.snapshot.sequence)

    def receipt(self, merchant: Merchant, counts: Mapping[str, Any]) -> Receipt:
        """`counts`: arrivals of the scope by outcome, and `last_event_at`; empty where it has none."""
        last = counts.get("last_event_at")
        return Receipt(
            epoch=self.epoch,
            sequence=self.snapshot.sequence,
            snapshot=str(self.snapshot.snapshot_id),
            received=int(counts.get("received", 0)),
            returned=int(counts.get("returned", 0)),
            accepted=int(counts.get("accepted", 0)),
            duplicate=int(counts.get("duplicate", 0)),
            bot=int(counts.get("bot", 0)),
            rejected=int(counts.get("rejected", 0)),
            last_event_at=None if last is None else utc_text(last),
            versions={
                "settings": merchant.settings_version,
                "rates": self.rates_version,
                "rules": RULES_VERSION,
                "definitions": DEFINITION_VERSION,
                "names": NAMES_VERSION,
                "bots": BOT_RULES_VERSION,
            },
            run=self.run,
            batch=self.batch,
            computed_at=utc_text(datetime.now(UTC)),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """One family of one scope, computed; `extra` (sketches) stays outside of the checksum."""

    scope: Scope
    family: Family
    content: dict[str, Any]
    receipt: Receipt
    version: Version
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def checksum(self) -> str:
        return report_checksum(self.scope.merchant, self.family, self.scope.key, self.content)


def identity(report: Report, merchant: Merchant) -> Document:
    """Which document the report belongs to: `_id`, whose it is, its family, day and schema."""
    day = day_of(report.scope, merchant)
    return {
        "_id": report_id(merchant.id, merchant.settings_version, report.family, day.isoformat()),
        "merchant": merchant.id,
        "settings_version": merchant.settings_version,
        "family": str(report.family),
        "day": day.isoformat(),
        "schema": REPORT_SCHEMA,
    }


def body(report: Report) -> Document:
    return {
        "content": report.content,
        "extra": report.extra,
        "receipt": report.receipt,
        "checksum": report.checksum,
        "version": report.version,
    }


def is_not_newer(prefix: str, version: Version) -> dict[str, Any]:
    """Filter: the stored version is absent, unreadable, or at most this one; the settings version is part of the `_id`."""
    epoch, sequence = f"{prefix}version.epoch", f"{prefix}version.sequence"
    return {
        "$or": [
            {epoch: {"$not": {"$type": "number"}}},
            {sequence: {"$not": {"$type": "number"}}},
            {epoch: {"$lt": version["epoch"]}},
            {epoch: version["epoch"], sequence: {"$lte": version["sequence"]}},
        ]
    }


def day_of(scope: Scope, merchant: Merchant) -> date:
    """The merchant's local day that holds the scope."""
    if scope.group == DueGroup.DAY:
        return date.fromisoformat(scope.key)
    return local_date(merchant.time_zone, hour_of_key(scope.key))


def families_of(group: DueGroup) -> list[Family]:
    return [family for family, shape in SHAPES.items() if shape.group == group]


def utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
