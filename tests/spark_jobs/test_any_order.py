"""Any order, any split into batches, any repetition, and any mix of good, bad and late: the checksums of the oracle.

One Spark job costs seconds, so an example is a shop, and all shops go through the same batches of one warm session. They
are drawn up front: hypothesis runs an inner test, whose body only keeps what it is given, with `hypothesis.seed`; so the
same seed draws the same shops, and nothing is shrunk. A failure names the seed and shows the failing shop with the
fewest arrivals; `--hypothesis-seed` repeats it.
"""

import random
from collections.abc import Iterable

import pytest
from confluent_kafka import Producer
from hypothesis import Phase, given, seed, settings

from contracts.canonical import checksum
from contracts.names import DueGroup, Topic
from tests.oracle.arrivals import Shop
from tests.oracle.contents import whole_contents, without_zeros
from tests.spark_jobs.histories import BATCHES, History, Sending, histories
from tests.spark_jobs.jobs import PARTITIONS, Jobs, TopicShop

NEXT_ZONE = "America/Toronto"
"""That to which some shops change: none of those that histories begin with."""


def drawn(count: int, number: int) -> list[History]:
    """`count` different histories, the same for the same `number`."""
    kept: list[History] = []

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    @given(histories())
    def keep(history: History) -> None:
        kept.append(history)

    keep()
    assert len(kept) == count
    return kept


@pytest.fixture
def first_seed(request):
    """That of the command line, else a new one."""
    given_seed = request.config.getoption("hypothesis_seed")
    return random.randrange(2**32) if given_seed in (None, "random") else int(given_seed)


def test_200_shops(jobs, first_seed):
    assert_any_order_gives_the_checksums_of_the_oracle(jobs, 200, first_seed)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(5))
def test_5000_shops(jobs, first_seed, part):
    assert_any_order_gives_the_checksums_of_the_oracle(jobs, 1_000, first_seed + part)


def assert_any_order_gives_the_checksums_of_the_oracle(jobs: Jobs, count: int, number: int) -> None:
    shops = [
        (jobs.shop(f"s{place}", zone=history.zone, currency=history.currency), history)
        for place, history in enumerate(drawn(count, number))
    ]
    for batch in range(BATCHES):
        send(jobs, shops, batch)
        jobs.batch()
        change_zones(jobs, [shop for shop, _ in shops], batch)
    jobs.days()
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []
    failing = [(history, found) for shop, history in shops if (found := differences(shop, history))]
    if failing:
        history, found = min(failing, key=lambda one: len(one[0].sendings))
        pytest.fail(
            f"{len(failing)} of {count} shops differ from the oracle with --hypothesis-seed={number}; "
            f"the smallest is {history}\n" + "\n".join(found)
        )


def change_zones(jobs: Jobs, shops: list[TopicShop], batch: int) -> None:
    """Some shops' zones are changed, one after the other: ordered after the first batch, switched after the second."""
    if batch == 0:
        for place, shop in enumerate(shops):
            if place % 50 == 1:
                jobs.order_settings(shop, NEXT_ZONE)
                shop.zone = NEXT_ZONE
    if batch == 1:
        jobs.change_settings()


def send(jobs: Jobs, shops: Iterable[tuple[TopicShop, History]], batch: int) -> None:
    producer = Producer({"bootstrap.servers": jobs.settings.kafka_bootstrap})
    for shop, history in shops:
        for place, sending in enumerate(history.sendings):
            for _ in range(sending.batches.count(batch)):
                producer.produce(Topic.EVENTS, envelope(shop, sending), partition=place % PARTITIONS)
    assert producer.flush(30) == 0


def envelope(shop: TopicShop, sending: Sending) -> bytes:
    sent_at = sending.sent_at and sending.sent_at.isoformat(timespec="milliseconds")
    return shop.envelope(
        sending.content,
        sending.kind,
        envelope_id=f"{shop.merchant}-{sending.envelope_id}",
        received_at=sending.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sent_at=sent_at,
    )


def differences(shop: TopicShop, history: History) -> list[str]:
    """Reports whose checksum is not that of the oracle's content, with both contents."""
    expected = whole_contents(history.arrivals, Shop(shop.zone, history.currency))
    found = without_zeros(shop.contents())
    return [
        f"{key}\n  the oracle: {expected.get(key)}\n  the report: {found.get(key)}"
        for key in sorted(expected.keys() | found.keys())
        if checksum(expected.get(key)) != checksum(found.get(key))
    ]
