"""What other clients send, through their adapters and the job, into the numbers that it should make."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from confluent_kafka import Producer

from collector.adapters import ga4, gtag, shopify, snowplow, woocommerce
from collector.adapters.mapped import Call
from collector.envelopes import Arrival, envelope_of, received_now
from collector.translating import translated
from contracts.keys import KeyKind, WriteKey
from contracts.names import Topic
from contracts.reports import Family
from contracts.settings import Settings
from tests.collector.other_requests import (
    GA4_CART,
    GA4_PURCHASE,
    GTAG_SHARED,
    SHOPIFY_ORDER,
    SHOPIFY_REFUND,
    WOO_ORDER,
    gtag_body,
    snowplow_body,
)
from tests.spark_jobs.jobs import Jobs, jobs_on

pytestmark = pytest.mark.long
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def recent(content):
    """The golden request as if it had been sent yesterday."""
    text = content.decode().replace("2026-11-24", YESTERDAY.strftime("%Y-%m-%d"))
    text = text.replace("2026-11-25", datetime.now(UTC).strftime("%Y-%m-%d")).replace("T10:00:00", "T00:00:00")
    return text.replace("1795620768", str(int(YESTERDAY.timestamp()))).encode()


def sent(shop, read, call, kind):
    request = Arrival(WriteKey(kind, "t1", shop.merchant, 1), received_now(), "ga4", None, "Mozilla/5.0")
    producer = Producer({"bootstrap.servers": shop.settings.kafka_bootstrap})
    for member in translated(read(call)).members:
        producer.produce(Topic.EVENTS, envelope_of(request, member), partition=0)
    assert producer.flush(20) == 0


def of_topic(name, topic, body):
    return Call("", recent(json.dumps(body).encode()), {f"x-{name}-topic": topic}.get)


@pytest.fixture(scope="module")
def shops(spark, mongo, kafka_broker):
    settings = Settings(mongo_uri=mongo, kafka_bootstrap=kafka_broker)
    with jobs_on(spark, mongo, settings, Jobs) as jobs:
        found = {name: jobs.shop(name) for name in ("ga4", "gtag", "snowplow", "shopify", "woocommerce")}
        for body in (GA4_PURCHASE, GA4_CART):
            sent(found["ga4"], ga4.read, Call("", recent(json.dumps(body).encode())), KeyKind.SERVER)
        sent(found["gtag"], gtag.read, Call(urlencode(GTAG_SHARED), gtag_body()), KeyKind.PAGE)
        sent(found["snowplow"], snowplow.read, Call("", recent(snowplow_body("wk1.p.k"))), KeyKind.PAGE)
        for topic in ("orders/create", "orders/paid", "orders/updated"):
            sent(found["shopify"], shopify.read, of_topic("shopify", topic, SHOPIFY_ORDER), KeyKind.SERVER)
        refund = of_topic("shopify", "refunds/create", SHOPIFY_REFUND)
        sent(found["shopify"], shopify.read, refund, KeyKind.SERVER)
        for topic in ("order.created", "order.updated", "order.updated"):
            sent(found["woocommerce"], woocommerce.read, of_topic("wc-webhook", topic, WOO_ORDER), KeyKind.SERVER)
        jobs.batch()
        jobs.days()
        yield found


def added(shop, family, *names):
    hours = shop.hours(family).values()
    return [sum(hour[name] for hour in hours) for name in names]


def sales(shop):
    """(orders, goods and refunds in minor units)"""
    hours = [hour["converted"] for hour in shop.hours(Family.SALES).values()]
    return tuple(sum(hour[name] for hour in hours) for name in ("orders", "sales", "refunds"))


def test_nothing_is_rejected(shops):
    assert {name: shop.books()["rejected"] for name, shop in shops.items()} == dict.fromkeys(shops, 0)


@pytest.mark.parametrize(
    ("name", "orders", "goods", "refunds"),
    [
        ("ga4", 1, 3003, 1001),
        ("gtag", 1, 3000, 0),
        # 33.50 - 4.00 - 4.50, and 20.00 - 3.19
        ("snowplow", 2, 2500 + 1681, 0),
        # of 27.00 paid back the goods are 50.00 of 63.95
        ("shopify", 1, 5000, 2111),
        ("woocommerce", 1, 4500, 0),
    ],
)
def test_orders_count_once_with_their_goods(shops, name, orders, goods, refunds):
    assert sales(shops[name]) == (orders, goods, refunds)


def test_created_and_paid_are_copies_and_so_are_repeated_deliveries(shops):
    assert shops["shopify"].books()["duplicate"] == 1
    assert shops["woocommerce"].books()["duplicate"] == 3


def test_page_views_and_visitors(shops):
    for name in ("ga4", "gtag", "snowplow"):
        assert added(shops[name], Family.TRAFFIC, "page_views") == [1], name
