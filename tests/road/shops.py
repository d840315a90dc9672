"""A shop of a test's own: sends messages through the collector, remembers them for the oracle, reads its reports."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from pymongo.database import Database

from contracts.canonical import checksum
from contracts.chunks import chunks
from contracts.keys import KeyKind, WriteKey, sign_key
from contracts.names import Collection
from contracts.reports import Family
from contracts.settings import Settings
from tests.oracle.arrivals import Arrival
from tests.oracle.arrivals import Shop as OracleShop
from tests.oracle.reports import Expected, expected_reports

HOUR_FAMILIES = (Family.TRAFFIC, Family.SALES, Family.QUALITY)


@dataclass
class RoadShop:
    """`arrivals` are what was sent so far, in the order in which it was received."""

    settings: Settings
    database: Database[dict[str, Any]]
    merchant: str
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    arrivals: list[Arrival] = field(default_factory=list)

    def open(self) -> "RoadShop":
        self.database[Collection.MERCHANTS].insert_one(
            {
                "_id": self.merchant,
                "name": self.merchant,
                "time_zone": self.zone,
                "currency": self.currency,
                "settings_version": 1,
                "prices_include_tax": False,
                "page_keys_may_change_orders": False,
                "hosts": [],
                "retention_days": None,
                "key_generation": 1,
                "created_at": datetime.now(UTC),
            }
        )
        return self

    def key(self, kind: KeyKind = KeyKind.SERVER) -> str:
        secrets = self.settings.secrets_by_id()
        return sign_key(WriteKey(kind, next(iter(secrets)), self.merchant, 1), secrets)

    def post(self, path: str, body: bytes, kind: KeyKind = KeyKind.SERVER) -> requests.Response:
        url = f"{self.settings.public_collector_url}{path}"
        return requests.post(url, data=body, auth=(self.key(kind), ""), timeout=30)

    def send(self, messages: Iterable[dict[str, Any]], kind: KeyKind = KeyKind.SERVER) -> None:
        """Sends them, a thousand in a request, and remembers them."""
        batch = list(messages)
        self.send_bytes([bytes_of(message) for message in batch], kind)
        now = datetime.now(UTC)
        self.arrivals += [Arrival(message, now, str(kind)) for message in batch]

    def send_bytes(self, members: list[bytes], kind: KeyKind = KeyKind.SERVER) -> None:
        """Sends members of a batch as they are, and does not remember them."""
        for some in chunks(members, 1_000):
            answer = self.post("/v1/batch", b'{"batch":[' + b",".join(some) + b"]}", kind)
            assert answer.ok, answer.text

    def expected(self) -> Expected:
        return expected_reports(self.arrivals, OracleShop(self.zone, self.currency))

    def hours(self, family: Family) -> dict[str, dict[str, Any]]:
        """Content by hour key."""
        return {key: hour["content"] for key, hour in self._hours(family)}

    def days(self) -> dict[str, dict[str, Any]]:
        """Content of the products reports by day."""
        return {document["day"]: document["content"] for document in self._documents(Family.PRODUCTS)}

    def numbers(self, families: Iterable[Family] = tuple(Family)) -> dict[str, str]:
        """A checksum of every report's content, without whose it is: equal for two shops with equal traffic."""
        return {key: checksum(content) for key, content in self.contents(families).items()}

    def contents(self, families: Iterable[Family] = tuple(Family)) -> dict[str, dict[str, Any]]:
        """Every report's content by `<family>/<hour or day>`."""
        found = {
            f"{family}/{key}": content
            for family in families
            if family in HOUR_FAMILIES
            for key, content in self.hours(family).items()
        }
        days = self.days() if Family.PRODUCTS in families else {}
        return found | {f"products/{day}": content for day, content in days.items()}

    def stored_checksums(self) -> dict[str, str]:
        """Every report's own checksum."""
        found = {f"{family}/{key}": hour["checksum"] for family in HOUR_FAMILIES for key, hour in self._hours(family)}
        days = self._documents(Family.PRODUCTS)
        return found | {document["_id"]: document["checksum"] for document in days}

    def books(self) -> dict[str, int]:
        """The quality reports of all hours, added up."""
        names = ("received", "returned", "accepted", "duplicate", "bot", "rejected")
        hours = self.hours(Family.QUALITY).values()
        return {name: sum(hour[name] for hour in hours) for name in names}

    def _hours(self, family: Family) -> Iterable[tuple[str, dict[str, Any]]]:
        return [(key, hour) for document in self._documents(family) for key, hour in document["hours"].items()]

    def _documents(self, family: Family) -> Iterable[dict[str, Any]]:
        """The reports that readers see: those of the shop's settings of now."""
        settings = self.database[Collection.MERCHANTS].find_one({"_id": self.merchant}) or {}
        version = settings.get("settings_version", 1)
        query = {"merchant": self.merchant, "settings_version": version, "family": family}
        return self.database[Collection.REPORTS].find(query)


def bytes_of(message: dict[str, Any]) -> bytes:
    """A message as the tests send it."""
    return json.dumps(message, ensure_ascii=False).encode()


def message(event: str | None, at: datetime, visitor: str = "v1", **properties: Any) -> dict[str, Any]:
    """A track message with the event's name, or a page view without one."""
    kind = {"type": "track", "event": event} if event else {"type": "page"}
    return {
        **kind,
        "messageId": str(uuid4()),
        "anonymousId": visitor,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "properties": properties,
    }
