"""What was sent, added up while it was made: the demo compares the reports with it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(slots=True)
class Tally:
    """Counts of one shop. Amounts are minor units; `hours` by hour key, `days` by local date, then product id."""

    time_zone: str
    received: int = 0
    duplicate: int = 0
    bot: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    hours: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    visitors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    days: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    foreign: Counter[str] = field(default_factory=Counter)

    def event(self, at: datetime, visitor: str | None, *, is_page_view: bool = False) -> None:
        self.received += 1
        hour = self.hour_key(at)
        self.hours[hour]["events"] += 1
        self.hours[hour]["page_views"] += is_page_view
        if visitor is not None:
            self.visitors[hour].add(visitor)

    def product(self, at: datetime, product: str, measure: str, count: int = 1) -> None:
        self.days[self.day(at)][product][measure] += count

    def amounts(self, at: datetime, **amounts: int) -> None:
        for name, amount in amounts.items():
            self.hours[self.hour_key(at)][name] += amount

    def copy(self) -> None:
        self.received += 1
        self.duplicate += 1

    def of_bot(self) -> None:
        self.received += 1
        self.bot += 1

    def bad(self, code: str) -> None:
        self.received += 1
        self.rejected[code] += 1

    @property
    def accepted(self) -> int:
        return sum(hour["events"] for hour in self.hours.values())

    def total(self, name: str) -> int:
        return sum(hour[name] for hour in self.hours.values())

    def day(self, at: datetime) -> str:
        return str(at.astimezone(ZoneInfo(self.time_zone)).date())

    def hour_key(self, at: datetime) -> str:
        """Right for zones whose clocks change at a whole hour, as the demo's do."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
