"""What the clients of one shop may send, drawn by hypothesis: every event with its copies, their order and their batches.

Everything stays inside of what docs/architecture.md and docs/numbers.md promise to be independent of order. A message
whose event time is not the client's takes the time of whichever copy is processed first: here its copies agree (the same
wrong clock), or it has none.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from contracts.keys import KeyKind
from tests.oracle.arrivals import Arrival
from tests.road.shops import bytes_of

BATCHES = 3
ZONES = ("Europe/Berlin", "UTC", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe")
CURRENCIES = ("EUR", "JPY", "BHD")
EVENING = datetime(2026, 10, 24, 21, tzinfo=UTC)
"""Of the night in which clocks in Berlin show 02:00 twice, at 00:00 and 01:00 UTC."""
INSTANTS = [EVENING + timedelta(seconds=seconds) for seconds in (0, 3_599, 3_600, 12_600, 14_400, 19_799, 19_800)]
DELAYS = [timedelta(seconds=1), timedelta(seconds=50), timedelta(hours=2), timedelta(hours=30), timedelta(days=8)]
CLOCKS = ["right", "right", "right", "ahead", "behind", "absent", "in the future"]
WRONG_BY = {"ahead": timedelta(hours=3), "behind": timedelta(minutes=-50)}
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
AMOUNTS = ["0", "3", 7.5, "12.345", 40, "1e2"]


@dataclass(frozen=True)
class Sending:
    """One arrival, and the batches in whose ranges its envelope stands: more than one where the topic got it again."""

    envelope_id: str
    message: dict[str, Any] | None
    received_at: datetime
    sent_at: datetime | None
    kind: KeyKind
    batches: tuple[int, ...]

    @property
    def content(self) -> bytes:
        return b'{"type":"page",' if self.message is None else bytes_of(self.message)

    @property
    def arrival(self) -> Arrival:
        is_returned = "/r" in self.envelope_id
        return Arrival(self.message, self.received_at, str(self.kind), self.sent_at, is_returned=is_returned)


@dataclass(frozen=True)
class History:
    zone: str
    currency: str
    sendings: list[Sending]
    """In the order in which a batch holds them."""

    @property
    def arrivals(self) -> list[Arrival]:
        return [sending.arrival for sending in sorted(self.sendings, key=lambda one: one.received_at)]

    def __str__(self) -> str:
        lines = [
            f"{sending.envelope_id} in {sending.batches}, {sending.kind} key, received {sending.received_at}, "
            f"sent {sending.sent_at}: {sending.content.decode()}"
            for sending in self.sendings
        ]
        return "\n  ".join([f"{self.zone}, {self.currency}:", *lines])


@dataclass(frozen=True)
class _Event:
    """`content` None: bytes that are no JSON."""

    content: dict[str, Any] | None
    sender: dict[str, Any]
    at: datetime
    clock: str
    has_id: bool
    names_its_sending: bool


@dataclass(frozen=True)
class _Way:
    """How one arrival of an event comes; `repaired_in`: the batches that hold it again, repaired, if it was bad."""

    delay: timedelta
    kind: KeyKind
    batches: tuple[int, ...]
    repaired_in: tuple[int, ...]


def _some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Properties of which each may be missing."""
    return st.fixed_dictionaries({}, optional=values)


def _track(event: str, properties: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return properties.map(lambda found: {"type": "track", "event": event, "properties": found})


_AMOUNT = st.sampled_from(AMOUNTS)
_PRODUCT = st.sampled_from(["tea", "mug", "tin"])
_QUANTITY = st.sampled_from([1, 2, "1.5", "0.0005"])
_LINE = st.builds(
    lambda product, own: {"product_id": product} | own,
    _PRODUCT,
    _some(price=_AMOUNT, quantity=_QUANTITY, discount=st.sampled_from(["0.5", 2])),
)
_ORDER = st.builds(
    lambda order_id, own: {"order_id": order_id} | own,
    st.sampled_from(["1001", 1001, " 1002 ", "1003"]),
    _some(
        total=_AMOUNT,
        revenue=_AMOUNT,
        subtotal=_AMOUNT,
        tax=st.sampled_from([1, "0.4"]),
        shipping=st.just("2"),
        discount=st.sampled_from(["1", -1.5]),
        products=st.lists(_LINE, max_size=3),
    ),
)
_REFUND = st.builds(lambda order, own: order | own, _ORDER, _some(refund_id=st.sampled_from(["r1", "r2"])))
_VISITS = st.sampled_from([{"type": kind} for kind in ("page", "page", "screen", "identify", "group", "alias")])
_PRODUCTS = st.one_of(
    _track(name, st.builds(lambda product, own: {"product_id": product} | own, _PRODUCT, seen))
    for name, seen in (
        ("Product Viewed", _some(name=st.sampled_from(["Tea", "Green tea"]), brand=st.just("Leaf"))),
        ("add_to_cart", _some(quantity=_QUANTITY, category=st.just("Drinks"))),
        ("product removed", _some(quantity=_QUANTITY, name=st.just("Mug"))),
    )
)
_NAMES = st.one_of(_track(name, st.just({})) for name in ("Basket Shaken", "Newsletter Signed Up", "Cart Viewed"))
_ORDERS = st.one_of(
    _track("Order Completed", _ORDER),
    _track("purchase", _ORDER),
    _track("order_updated", _ORDER),
    _track("Order Refunded", _REFUND),
    _track("Order Cancelled", _ORDER.map(lambda order: {"order_id": order["order_id"]})),
    _track("Order Completed", st.builds(lambda revenue: {"order_id": "null", "revenue": revenue}, _AMOUNT)),
)
_BAD_CONTENTS: list[dict[str, Any]] = [
    {"type": "purchase"},
    {"type": "track", "event": " "},
    {"type": "page", "properties": "none"},
    {"type": "page", "timestamp": "yesterday"},
    {"type": "track", "event": "Order Refunded", "properties": {"order_id": "undefined"}},
    *[
        {"type": "track", "event": "Order Completed", "properties": {"order_id": "1001"} | properties}
        for properties in (
            {"revenue": -1},
            {"total": "a lot"},
            {"revenue": 10**16},
            {"currency": "EURO", "revenue": 1},
            {"products": [{"product_id": "tea", "quantity": "few"}]},
            {"products": "two mugs"},
        )
    ],
]
_BAD = st.none() | st.sampled_from(_BAD_CONTENTS)
_CONTENTS = st.one_of(_VISITS, _PRODUCTS, _NAMES, _ORDERS, _ORDERS, _ORDERS, _BAD)
_SENDERS = st.sampled_from(
    [
        {"anonymousId": "v1"},
        {"anonymousId": "v2", "userId": "u"},
        {"context": {"cookieless": True}},
        {"anonymousId": "v3", "context": {"library": {"name": "footfall.js"}, "userAgent": CRAWLER}},
    ]
)
_EVENTS = st.builds(
    _Event,
    _CONTENTS,
    _SENDERS,
    st.sampled_from(INSTANTS),
    st.sampled_from(CLOCKS),
    st.sampled_from([True, True, True, False]),
    st.booleans(),
)
_PLACES = st.sampled_from([(0,), (1,), (2,), (0, 2), (1, 1)])
_WAYS = st.builds(
    _Way,
    st.sampled_from(DELAYS),
    st.sampled_from([KeyKind.SERVER, KeyKind.SERVER, KeyKind.PAGE]),
    _PLACES,
    st.just(()) | _PLACES,
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A shop with 2 to 8 events, of which many arrive more than once."""
    sendings: list[Sending] = []
    for number, event in enumerate(draw(st.lists(_EVENTS, min_size=2, max_size=8))):
        for way in draw(st.lists(_WAYS, min_size=1, max_size=1 if _depends_on_first(event) else 3)):
            sendings += _sendings(event, number, way, len(sendings))
    return History(draw(st.sampled_from(ZONES)), draw(st.sampled_from(CURRENCIES)), draw(st.permutations(sendings)))


def _depends_on_first(event: _Event) -> bool:
    return event.content is None or event.clock in ("absent", "in the future")


def _sendings(event: _Event, number: int, way: _Way, place: int) -> list[Sending]:
    """The arrival, and its repaired form; `place` keeps two arrivals from being received in one millisecond."""
    received_at = event.at + way.delay + timedelta(milliseconds=place)
    message = None if event.content is None else _message(event, event.content, number, received_at)
    sending = Sending(str(UUID(int=place)), message, received_at, _sent_at(event, received_at), way.kind, way.batches)
    if not _is_bad(event) or not way.repaired_in:
        return [sending]
    repaired = _message(event, {"type": "page"}, number, received_at)
    return [
        sending,
        replace(sending, envelope_id=f"{sending.envelope_id}/r1", message=repaired, batches=way.repaired_in),
    ]


def _is_bad(event: _Event) -> bool:
    return event.content is None or event.content in _BAD_CONTENTS


def _message(event: _Event, content: dict[str, Any], number: int, received_at: datetime) -> dict[str, Any]:
    """Pages with a right clock share an id: with one time they are copies, with two an id that was used again."""
    id_ = "shared" if content == {"type": "page"} and event.clock == "right" else f"m{number}"
    own = {"messageId": id_} if event.has_id else {"number": number}
    client_time = _client_time(event, received_at)
    time = {"timestamp": client_time.isoformat()} if client_time else {}
    return own | time | event.sender | content


def _client_time(event: _Event, received_at: datetime) -> datetime | None:
    if event.clock == "absent":
        return None
    if event.clock == "in the future":
        return received_at + timedelta(days=1)
    return event.at + WRONG_BY.get(event.clock, timedelta(0))


def _sent_at(event: _Event, received_at: datetime) -> datetime | None:
    """By the clock of the device: where it is wrong, the message must say so to be put right."""
    if event.clock in WRONG_BY:
        return received_at + WRONG_BY[event.clock]
    return received_at if event.names_its_sending and event.clock == "right" else None
