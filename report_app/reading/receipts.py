"""Receipts of many scopes as one: what a figure over a range was computed from."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.reports import Receipt


@dataclass(frozen=True, slots=True)
class RangeReceipt:
    """Counts are summed; run and batch are those computed last. Times are ISO 8601 texts in UTC."""

    received: int = 0
    returned: int = 0
    accepted: int = 0
    duplicate: int = 0
    bot: int = 0
    rejected: int = 0
    reports: int = 0
    last_event_at: str | None = None
    computed_at: str | None = None
    run: str | None = None
    batch: int | None = None
    epoch: int | None = None
    sequence: int | None = None
    versions: tuple[tuple[str, int | str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was computed, or a part of it cannot be read."""
        return self.reports == 0

    @property
    def not_accounted_for(self) -> int:
        return self.received + self.returned - self.accepted - self.duplicate - self.bot - self.rejected


def united(receipts: Iterable[Receipt | None]) -> RangeReceipt:
    """One receipt for all of `receipts`; nulls (scopes without events) are left out."""
    found = [receipt for receipt in receipts if receipt is not None]
    if not found:
        return RangeReceipt()
    newest = max(found, key=lambda receipt: (receipt["computed_at"], receipt["sequence"]))
    events = [receipt["last_event_at"] for receipt in found if receipt["last_event_at"]]
    return RangeReceipt(
        received=sum(receipt["received"] for receipt in found),
        returned=sum(receipt["returned"] for receipt in found),
        accepted=sum(receipt["accepted"] for receipt in found),
        duplicate=sum(receipt["duplicate"] for receipt in found),
        bot=sum(receipt["bot"] for receipt in found),
        rejected=sum(receipt["rejected"] for receipt in found),
        reports=len(found),
        last_event_at=max(events, default=None),
        computed_at=newest["computed_at"],
        run=newest["run"],
        batch=newest["batch"],
        epoch=newest["epoch"],
        sequence=newest["sequence"],
        versions=tuple(sorted(newest["versions"].items())),
    )
