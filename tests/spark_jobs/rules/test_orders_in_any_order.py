"""Any order, any split and any repetition of an order's events give the same postings, and those of the oracle."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.events import ORDER_EVENTS, Event
from spark_jobs.rules.goods import Amounts, Line
from spark_jobs.rules.orders import OrderEvent, Terms, fold, merged
from tests.oracle import orders as oracle
from tests.spark_jobs.samples import at

TERMS = Terms("EUR")
AMOUNT = st.none() | st.integers(0, 3000)


def a_line(product, halves, price, discount):
    return Line(product, halves * 500, (price or 0) * halves // 2 - discount, price, discount)


def an_event(number, name, minute, delay, amounts, lines, refund_id):
    return OrderEvent(
        message_id=f"m{number}",
        envelope_id=f"e{number}/{delay}",
        event_time=at(minute),
        received_at=at(minute + delay),
        name=str(name),
        currency="EUR",
        amounts=Amounts(*amounts),
        lines=lines,
        refund_id=refund_id,
    )


LINE = st.builds(a_line, st.sampled_from(["a", "b", None]), st.integers(0, 6), AMOUNT, st.sampled_from([0, 0, 0, 7]))
EVENT = st.builds(
    an_event,
    st.integers(0, 30),
    st.sampled_from(ORDER_EVENTS),
    st.integers(0, 5),
    st.integers(0, 3),
    st.tuples(*[AMOUNT] * 6),
    st.none() | st.lists(LINE, max_size=3).map(tuple),
    st.none() | st.sampled_from(["r1", "r2"]),
)
EVENTS = st.lists(EVENT, min_size=1, max_size=8, unique_by=lambda event: event.envelope_id)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False), st.lists(st.integers(0, 8), max_size=3))
def test_any_order_split_and_repetition(events, chance, cuts):
    expected = fold(events, TERMS)
    shuffled = [*events, *events[: len(events) // 2]]
    chance.shuffle(shuffled)
    known = []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(shuffled)], strict=True):
        known = merged(known, shuffled[start:end])
    assert known == merged((), events)
    assert fold(known, TERMS) == fold(shuffled, TERMS) == expected


@settings(derandomize=True, max_examples=150, deadline=None)
@given(EVENTS)
def test_what_is_given_back_is_never_more_than_the_goods(events):
    postings = fold(events, TERMS)
    assume(postings and postings[0].kind == "sale")
    given_back = sum(posting.goods for posting in postings[1:])
    assert 0 <= given_back <= max(postings[0].goods, 0)
    for posting in postings:
        assert sum(share.goods for share in posting.shares) <= posting.goods or posting.kind == "sale"


@settings(derandomize=True, max_examples=300, deadline=None)
@given(EVENTS)
def test_the_postings_are_the_oracles(events):
    events = merged((), events)
    assume(any(event.name == Event.ORDER_COMPLETED for event in events))
    postings = fold(events, TERMS)
    assume(postings[0].goods >= 0)
    assert [plain(posting) for posting in postings] == [plain_of_oracle(one) for one in oracle.fold(as_oracle(events))]


def as_oracle(events):
    return [oracle_event(event) for event in events]


def oracle_event(event):
    amounts = {name: getattr(event.amounts, name) for name in oracle.AMOUNTS}
    lines = None if event.lines is None else [oracle_line(line) for line in event.lines]
    found = oracle.OrderEvent(
        event.name,
        "1001",
        event.currency,
        {name: amount for name, amount in amounts.items() if amount is not None},
        lines,
        event.refund_id,
    )
    found.time = event.event_time
    return found


def oracle_line(line):
    return oracle.OrderLine(line.product, line.quantity_milli, line.amount, line.discount, line.price is not None)


def plain(posting):
    shares = [(share.line.product, share.goods) for share in posting.shares]
    amounts = (posting.goods, posting.discount, posting.shipping, posting.tax)
    return (str(posting.kind), posting.at, posting.currency, amounts, posting.units_milli, shares, posting.notes)


def plain_of_oracle(posting):
    shares = [(product, goods) for product, _, goods in posting.shares]
    amounts = (posting.goods, posting.discount, posting.shipping, posting.tax)
    units = sum(milli for _, milli, _ in posting.shares)
    noted = {name: count for name, count in posting.notes.items() if count}
    return (posting.kind, posting.time, posting.currency, amounts, units, shares, noted)
