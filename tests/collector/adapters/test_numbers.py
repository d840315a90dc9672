"""What other clients' orders come to in a shop's numbers, by the oracle that the jobs are held to."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from collector.adapters import ga4, gtag, shopify, snowplow, woocommerce
from collector.adapters.mapped import Call
from collector.translating import translated
from tests.collector.other_requests import (
    GA4_PURCHASE,
    SHOPIFY_ORDER,
    SHOPIFY_REFUND,
    WOO_ORDER,
    gtag_body,
    gtag_query,
    snowplow_body,
)
from tests.oracle.arrivals import Arrival, Shop
from tests.oracle.reports import expected_reports

RECEIVED = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WOO_REFUNDED = WOO_ORDER | {"date_modified_gmt": "2026-11-25T08:00:00", "refunds": [{"id": 9, "total": "-13.09"}]}


WOO_UNPAID = WOO_ORDER | {"status": "cancelled", "date_modified_gmt": "2026-11-24T15:05:00", "date_paid_gmt": None}
WOO_ON_HOLD = WOO_ORDER | {"status": "on-hold"}


def webhook(read, header, topic, body):
    return read(Call("", json.dumps(body).encode(), {header: topic}.get))


def of_shopify(topic, body=SHOPIFY_ORDER):
    return webhook(shopify.read, shopify.TOPIC_HEADER, topic, body)


def of_woocommerce(topic, body=WOO_ORDER):
    return webhook(woocommerce.read, woocommerce.TOPIC_HEADER, topic, body)


ORDERS = ("orders/create", "orders/paid", "orders/updated")
STORIES = {
    "ga4": (lambda: [ga4.read(Call("", json.dumps(GA4_PURCHASE).encode()))], 1, 30_03, 0),
    "gtag": (lambda: [gtag.read(Call(gtag_query(), gtag_body()))], 1, 30_00, 0),
    # 33.50 - 4.00 - 4.50, and 20.00 - 3.19
    "snowplow": (lambda: [snowplow.read(Call("", snowplow_body("wk1.p.k")))], 2, 25_00 + 16_81, 0),
    # of 27.00 paid back the goods are 50.00 of 63.95
    "shopify": (lambda: [*map(of_shopify, ORDERS), of_shopify("refunds/create", SHOPIFY_REFUND)], 1, 50_00, 21_11),
    # of 13.09 paid back the goods are 45.00 of 65.45
    "woocommerce": (
        lambda: [
            of_woocommerce("order.created"),
            of_woocommerce("order.updated"),
            *[of_woocommerce("order.updated", WOO_REFUNDED)] * 2,
        ],
        *(1, 45_00, 9_00),
    ),
    "woocommerce, cancelled by its timer": (lambda: [of_woocommerce("order.updated", WOO_UNPAID)], 0, 0, 0),
    "woocommerce, cancelled on hold": (
        lambda: [of_woocommerce("order.created", WOO_ON_HOLD), of_woocommerce("order.updated", WOO_UNPAID)],
        *(1, 45_00, 0),
    ),
}


@pytest.mark.parametrize(("requests", "orders", "goods", "refunded"), STORIES.values(), ids=STORIES)
def test_orders_count_once_with_their_goods(requests, orders, goods, refunded):
    members = [member for parts in requests() for member in translated(parts).members]
    assert [member.reject for member in members if member.reject] == []
    arrivals = [
        Arrival(json.loads(member.text), RECEIVED + timedelta(seconds=n), "server") for n, member in enumerate(members)
    ]
    found = expected_reports(arrivals, Shop("Europe/Berlin", "EUR"))
    assert [arrival.code for arrival in arrivals if arrival.code] == []
    added = {name: sum(hour.get(name, 0) for hour in found.sales.values()) for name in ("orders", "sales", "refunds")}
    assert added == {"orders": orders, "sales": goods, "refunds": refunded}
