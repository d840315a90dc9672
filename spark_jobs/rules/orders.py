"""An order is the set of its events, folded in one order: the same set gives the same postings in any order of arrival.

Source of every rule: docs/numbers.md, "Orders", "Sales", "Refunds", "Lines".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contracts.events import Event
from spark_jobs.rules.exchange import rescaled, spread
from spark_jobs.rules.goods import Amounts, Line, goods_of_refund, goods_of_sale, own_goods_of_refund, spread_over_lines

MAX_EVENTS = 200


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One archived `Order *` message; amounts in minor units of `currency`."""

    message_id: str
    envelope_id: str
    event_time: datetime
    received_at: datetime
    name: str
    currency: str
    amounts: Amounts
    lines: tuple[Line, ...] | None = None
    is_currency_given: bool = True
    refund_id: str | None = None
    coupon: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[datetime, datetime, str]:
        return (self.event_time, self.received_at, self.message_id)


class PostingKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Share:
    """A product's part of a posting: the line with its attributes, its quantity and its goods value."""

    line: Line
    goods: int


@dataclass(frozen=True, slots=True)
class Posting:
    """What an order adds at one instant; `rate_time` is the instant whose day gives the rate of exchange."""

    kind: PostingKind
    at: datetime
    rate_time: datetime
    currency: str
    goods: int
    discount: int = 0
    shipping: int = 0
    tax: int = 0
    units_milli: int = 0
    shares: tuple[Share, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings of a merchant that amounts depend on."""

    currency: str
    prices_include_tax: bool = False


def merged(known: Iterable[OrderEvent], new: Iterable[OrderEvent]) -> list[OrderEvent]:
    """The union by message id, in folding order; of copies, the one received first."""
    by_id: dict[str, OrderEvent] = {}
    for event in (*known, *new):
        held = by_id.get(event.message_id)
        if held is None or (event.received_at, event.envelope_id) < (held.received_at, held.envelope_id):
            by_id[event.message_id] = event
    return sorted(by_id.values(), key=lambda event: event.place)


def beyond_limit(known: Iterable[OrderEvent], new: Iterable[OrderEvent]) -> set[str]:
    """Message ids of `new` for which the order has no room: what is in the set stays, the rest fills up in order."""
    held = {event.message_id for event in known}
    candidates = [event for event in merged((), new) if event.message_id not in held]
    return {event.message_id for event in candidates[max(MAX_EVENTS - len(held), 0) :]}


def fold(events: Iterable[OrderEvent], terms: Terms) -> list[Posting]:
    """Every posting of the order, the sale first; none where nothing of it counts."""
    ordered = merged((), events)
    home = next((event for event in ordered if event.name == Event.ORDER_COMPLETED), None)
    if home is None:
        return _unmatched_refunds(ordered)
    ordered = [_in_currency(event, _currency(ordered, terms)) for event in ordered]
    sale = _sale(ordered, home, terms)
    return [sale, *_reversals(ordered, sale, _state(ordered))]


def _currency(ordered: list[OrderEvent], terms: Terms) -> str:
    sale_side = [event for event in ordered if event.name in (Event.ORDER_COMPLETED, Event.ORDER_UPDATED)]
    given = [event.currency for event in sale_side if event.is_currency_given]
    return given[-1] if given else terms.currency


def _in_currency(event: OrderEvent, currency: str) -> OrderEvent:
    if event.currency == currency:
        return event

    def read(amount: int) -> int:
        return rescaled(amount, event.currency, currency)

    lines = None if event.lines is None else tuple(line.each_amount(read) for line in event.lines)
    return replace(event, currency=currency, amounts=event.amounts.each(read), lines=lines)


def _state(ordered: list[OrderEvent]) -> OrderEvent:
    """The sale side: the first Completed, its lines and its amounts replaced by the latest Updated."""
    home = next(event for event in ordered if event.name == Event.ORDER_COMPLETED)
    updates = [event for event in ordered if event.name == Event.ORDER_UPDATED]
    if not updates:
        return home
    latest = updates[-1]
    return replace(
        home,
        lines=home.lines if latest.lines is None else latest.lines,
        amounts=latest.amounts if latest.amounts.has_any else home.amounts,
        coupon=latest.coupon or home.coupon,
        flags=latest.flags if latest.amounts.has_any else home.flags,
    )


def _sale(ordered: list[OrderEvent], home: OrderEvent, terms: Terms) -> Posting:
    state = _state(ordered)
    lines = state.lines or ()
    goods, disagree = goods_of_sale(state.amounts, state.lines, terms.prices_include_tax)
    repeated = sum(event.name == Event.ORDER_COMPLETED for event in ordered) - 1
    return Posting(
        kind=PostingKind.SALE,
        at=home.event_time,
        rate_time=home.event_time,
        currency=state.currency,
        goods=goods,
        discount=(state.amounts.discount or 0) + sum(line.discount for line in lines),
        shipping=state.amounts.shipping or 0,
        tax=state.amounts.tax or 0,
        units_milli=sum(line.quantity_milli for line in lines),
        shares=_shares(lines, spread_over_lines(lines, state.amounts.discount or 0)),
        notes=_counted(
            amounts_disagree=disagree,
            order_repeated=repeated,
            order_without_id="order_without_id" in home.flags,
            price_missing=sum(line.price is None for line in lines),
        ),
    )


def _shares(lines: Iterable[Line], goods: Iterable[int]) -> tuple[Share, ...]:
    return tuple(Share(line, amount) for line, amount in zip(lines, goods, strict=True))


def _counted(**notes: int) -> dict[str, int]:
    return {name: int(count) for name, count in notes.items() if count}


def _reversals(ordered: list[OrderEvent], sale: Posting, state: OrderEvent) -> list[Posting]:
    left = max(sale.goods, 0)
    is_cancelled = False
    seen: set[str] = set()
    postings = []
    for event in ordered:
        at = max(event.event_time, sale.at)
        if event.name == Event.ORDER_CANCELLED and not is_cancelled:
            is_cancelled = True
            postings.append(_reversal(PostingKind.CANCELLATION, at, sale, left, None, 0))
            left = 0
        elif event.name == Event.ORDER_REFUNDED and _refund_key(event) not in seen:
            seen.add(_refund_key(event))
            wanted = goods_of_refund(event.amounts, event.lines, state.amounts, sale, left)
            given = min(wanted, left)
            is_over = wanted > given and not is_cancelled
            postings.append(_reversal(PostingKind.REFUND, at, sale, given, event.lines, int(is_over)))
            left -= given
    return postings


def _refund_key(event: OrderEvent) -> str:
    return f"r/{event.refund_id}" if event.refund_id else f"m/{event.message_id}"


def _reversal(
    kind: PostingKind, at: datetime, sale: Posting, goods: int, lines: tuple[Line, ...] | None, over: int
) -> Posting:
    from_lines = lines if lines and sum(line.amount for line in lines) > 0 else None
    weighted = from_lines or tuple(share.line for share in sale.shares)
    weights = [line.amount for line in from_lines] if from_lines else [max(share.goods, 0) for share in sale.shares]
    on_products = min(goods, sum(weights))
    return Posting(
        kind=kind,
        at=at,
        rate_time=sale.rate_time,
        currency=sale.currency,
        goods=goods,
        shares=_shares(weighted, spread(on_products, weights)),
        notes=_counted(refund_over=over),
    )


def _unmatched_refunds(ordered: list[OrderEvent]) -> list[Posting]:
    postings, seen = [], set()
    for event in ordered:
        goods = own_goods_of_refund(event.amounts, event.lines)
        if event.name != Event.ORDER_REFUNDED or goods is None or _refund_key(event) in seen:
            continue
        seen.add(_refund_key(event))
        lines = event.lines or ()
        amounts = [line.amount for line in lines]
        postings.append(
            Posting(
                kind=PostingKind.REFUND,
                at=event.event_time,
                rate_time=event.event_time,
                currency=event.currency,
                goods=goods,
                shares=_shares(lines, spread(min(goods, sum(amounts)), amounts)),
                notes={"refund_unmatched": 1},
            )
        )
    return postings
