"""Who comes to a demo shop: browsers, where they come from, and robots."""

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from stack.demo.shops import Shop

LIBRARY = {"name": "footfall.js", "version": "0.1.0"}
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
BROWSERS = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) {_APPLE} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 16; Pixel 10) {_CHROME} Mobile Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Safari/605.1.15",
)
ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)
_SOURCES: tuple[tuple[int, str, str], ...] = (
    (34, "https://www.google.com/", ""),
    (30, "", ""),
    (12, "", "utm_source=newsletter&utm_medium=email&utm_campaign=november"),
    (10, "https://l.instagram.com/", "utm_source=instagram&utm_medium=social&utm_campaign=reel"),
    (8, "https://www.google.com/", "gclid=demo&utm_source=google&utm_medium=cpc&utm_campaign=brand"),
    (6, "https://www.bing.com/", ""),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser; `user` is the shop's own id of its customer, where it has signed in."""

    id: str
    browser: str
    user: str | None = None

    @property
    def is_robot(self) -> bool:
        return self.browser in ROBOTS


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a visit comes from: the referrer and the query of its first page."""

    referrer: str
    query: str

    @property
    def campaign(self) -> dict[str, str] | None:
        pairs = dict(pair.split("=") for pair in self.query.split("&") if pair.startswith("utm_"))
        names = {"utm_source": "source", "utm_medium": "medium", "utm_campaign": "name"}
        return {names[key]: value for key, value in pairs.items()} or None


def some_arrival(chance: random.Random) -> Arrival:
    weights = [weight for weight, _, _ in _SOURCES]
    _, referrer, query = chance.choices(_SOURCES, weights)[0]
    return Arrival(referrer, query)


def some_id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


class Crowd:
    """The visitors of one shop: some come back, a few are robots."""

    def __init__(self, chance: random.Random, robots_share: float = 0.02, return_share: float = 0.3) -> None:
        self._chance = chance
        self._known: list[Visitor] = []
        self._robots_share = robots_share
        self._return_share = return_share

    def visitor(self) -> Visitor:
        chance = self._chance
        if chance.random() < self._robots_share:
            return Visitor(some_id(chance), chance.choice(ROBOTS))
        if self._known and chance.random() < self._return_share:
            return chance.choice(self._known[-400:])
        user = f"customer-{chance.randrange(10**6):06d}" if chance.random() < 0.25 else None
        self._known.append(Visitor(some_id(chance), chance.choice(BROWSERS), user))
        return self._known[-1]


def context(shop: Shop, visitor: Visitor, page: dict[str, str], arrival: Arrival | None) -> dict[str, Any]:
    """The context that our tracker sends with every message."""
    found: dict[str, Any] = {
        "library": LIBRARY,
        "page": page,
        "userAgent": visitor.browser,
        "locale": shop.locale,
        "timezone": shop.time_zone,
    }
    campaign = arrival.campaign if arrival else None
    return found | ({"campaign": campaign} if campaign else {})
