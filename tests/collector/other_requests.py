"""Requests in the form of clients that do not speak Segment, written from their public documentation; KEY stands for a write key."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, urlencode

GA4_PURCHASE = {
    "client_id": "1766592093.1700000000",
    "user_id": "u-7",
    "timestamp_micros": 1795620768123456,
    "user_properties": {"plan": {"value": "gold"}},
    "events": [
        {
            "name": "purchase",
            "params": {
                "session_id": "1700000001",
                "engagement_time_msec": "100",
                "transaction_id": "T_12345",
                "value": 30.03,
                "tax": 4.90,
                "shipping": 5.99,
                "currency": "EUR",
                "coupon": "SUMMER_FUN",
                "items": [
                    {
                        "item_id": "SKU_12345",
                        "item_name": "Stan and Friends Tee",
                        "affiliation": "Store",
                        "coupon": "SUMMER_FUN",
                        "discount": 2.22,
                        "index": 0,
                        "item_brand": "Google",
                        "item_category": "Apparel",
                        "item_variant": "green",
                        "price": 10.01,
                        "quantity": 3,
                    }
                ],
            },
        }
    ],
}
GA4_CART = {
    "client_id": "1766592093.1700000000",
    "events": [
        {"name": "page_view", "params": {"page_location": "https://shop.example/tee", "page_title": "Tee"}},
        {
            "name": "add_to_cart",
            "params": {
                "currency": "EUR",
                "value": 12.5,
                "items": [
                    {"item_id": "p-1", "item_name": "Tee, grün", "price": 12.50, "quantity": 1},
                    {"item_id": "p-2", "price": 3, "quantity": 2},
                ],
            },
        },
        {"name": "refund", "params": {"transaction_id": "T_12345", "value": 10.01, "currency": "EUR"}},
    ],
}

GTAG_SHARED = {
    "v": "2",
    "tid": "G-ABCDEF1234",
    "gtm": "45je4b70v9101234567za200",
    "_p": "1795620768000",
    "gcs": "G111",
    "cid": "1766592093.1700000000",
    "ul": "en-gb",
    "sr": "1920x1080",
    "_s": "1",
    "sid": "1795620700",
    "sct": "1",
    "seg": "1",
    "dl": "https://shop.example/thanks?utm_source=mail",
    "dt": "Thank you",
    "dr": "https://shop.example/checkout",
}
GTAG_ITEM = "idSKU_1~nmTee, grün~brGoogle~caApparel~vagreen~pr12.5~qt2~k0size~v0XL"
GTAG_PURCHASE = {
    "en": "purchase",
    "_c": "1",
    "cu": "EUR",
    "pr1": GTAG_ITEM,
    "pr2": "idSKU_2~pr5~qt1",
    "ep.transaction_id": "T_1",
    "epn.value": "30",
    "epn.tax": "4.79",
    "epn.shipping": "0",
    "_et": "1200",
}
GTAG_LINES = [{"en": "page_view", "_et": "5"}, {"en": "scroll", "epn.percent_scrolled": "90"}, GTAG_PURCHASE]

_ECOMMERCE = "iglu:com.snowplowanalytics.snowplow.ecommerce"
SNOWPLOW_COMMON = {
    "tv": "js-3.24.0",
    "tna": "sp",
    "aid": "KEY",
    "p": "web",
    "tz": "Europe/Berlin",
    "lang": "de-DE",
    "cs": "UTF-8",
    "res": "1920x1080",
    "duid": "8c9104e3-c300-4b20-82f2-93b7fa0b8feb",
    "sid": "1f3a9c1e-9be7-4f47-9b0c-7f8c5a1a2b3c",
    "vid": "3",
    "uid": "u-7",
    "dtm": "1795620768123",
    "stm": "1795620768200",
    "url": "https://shop.example/tee",
    "page": "Tee",
    "refr": "https://search.example/",
}


def _packed(value):
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _entity(name, version="1-0-0", /, **data):
    return {"schema": f"{_ECOMMERCE}/{name}/jsonschema/{version}", "data": data}


def self_describing(data, entities=(), is_packed=True):
    event = {"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": data}
    context = {"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1", "data": list(entities)}
    if is_packed:
        return {"e": "ue", "ue_px": _packed(event), "cx": _packed(context)}
    return {"e": "ue", "ue_pr": json.dumps(event), "co": json.dumps(context)}


def action(kind, *entities, **options):
    return self_describing(_entity("snowplow_ecommerce_action", "1-0-2", type=kind), entities, **options)


SNOWPLOW_TEE = _entity(
    "product", id="p-1", name="Tee", category="apparel/shirts", price=12.5, currency="EUR", quantity=2
)
SNOWPLOW_SALE = _entity(
    "transaction", transaction_id="T-9", revenue=33.5, tax=4.0, shipping=4.5, currency="EUR", discount_code="MAY"
)
SNOWPLOW_EVENTS = [
    {"e": "pv", "eid": "4e4f9a4e-0000-4000-8000-000000000001"},
    {"e": "se", "se_ca": "video", "se_ac": "play", "se_la": "teaser", "se_va": "3", "eid": "e-2"},
    {
        **action("add_to_cart", SNOWPLOW_TEE, _entity("cart", cart_id="c-1", total_value=25, currency="EUR")),
        "eid": "e-3",
    },
    {**action("transaction", SNOWPLOW_SALE, SNOWPLOW_TEE, is_packed=False), "eid": "e-4"},
    {
        **self_describing({"schema": "iglu:com.acme/size_guide_opened/jsonschema/1-0-0", "data": {"size": "L"}}),
        "eid": "e-5",
    },
    {"e": "tr", "tr_id": "T-8", "tr_tt": "20.00", "tr_tx": "3.19", "tr_sh": "0", "tr_cu": "EUR", "eid": "e-6"},
    {"e": "pp", "pp_miy": "0", "pp_may": "900", "eid": "e-7"},
]
SNOWPLOW_SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"

SHOPIFY_ORDER = {
    "id": 820982911946154508,
    "name": "#1001",
    "email": "jon@example.com",
    "created_at": "2026-11-24T15:00:00+01:00",
    "updated_at": "2026-11-24T15:00:01+01:00",
    "cancelled_at": None,
    "currency": "EUR",
    "taxes_included": False,
    "test": False,
    "total_price": "63.95",
    "subtotal_price": "50.00",
    "total_tax": "9.50",
    "total_discounts": "5.00",
    "discount_codes": [{"code": "MAY", "amount": "5.00", "type": "fixed_amount"}],
    "customer": {"id": 115310627314723954, "email": "jon@example.com", "first_name": "Jon"},
    "billing_address": {"name": "Jon Doe", "address1": "123 Billing Street"},
    "line_items": [
        {
            "id": 866550311766439020,
            "product_id": 788032119674292922,
            "sku": "TEE-1",
            "title": "Tee, grün",
            "variant_title": "L",
            "vendor": "Acme",
            "price": "27.50",
            "quantity": 2,
            "discount_allocations": [{"amount": "5.00", "discount_application_index": 0}],
            "tax_lines": [{"price": "9.50", "rate": 0.19, "title": "VAT"}],
        }
    ],
    "shipping_lines": [{"price": "4.45", "discounted_price": "4.45", "tax_lines": []}],
    "total_shipping_price_set": {"shop_money": {"amount": "4.45", "currency_code": "EUR"}},
}
SHOPIFY_REFUND = {
    "id": 890088186047892319,
    "order_id": 820982911946154508,
    "created_at": "2026-11-25T10:00:00+01:00",
    "processed_at": "2026-11-25T10:00:00+01:00",
    "note": "too small, said Jon",
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "27.00", "currency": "EUR"},
        {"kind": "refund", "status": "failure", "amount": "27.00", "currency": "EUR"},
    ],
    "refund_line_items": [
        {
            "quantity": 1,
            "subtotal": 25.0,
            "total_tax": 4.75,
            "line_item": {"product_id": 788032119674292922, "sku": "TEE-1", "title": "Tee, grün"},
        }
    ],
}
WOO_ORDER = {
    "id": 727,
    "number": "727",
    "status": "processing",
    "currency": "EUR",
    "date_created": "2026-11-24T15:00:00",
    "date_created_gmt": "2026-11-24T14:00:00",
    "date_modified": "2026-11-24T15:05:00",
    "date_modified_gmt": "2026-11-24T14:05:00",
    "discount_total": "5.00",
    "shipping_total": "10.00",
    "total": "65.45",
    "total_tax": "10.45",
    "prices_include_tax": False,
    "customer_id": 26,
    "billing": {"first_name": "Jon", "email": "jon@example.com"},
    "line_items": [
        {
            "id": 315,
            "name": "Woo Single #1",
            "product_id": 93,
            "variation_id": 0,
            "quantity": 2,
            "subtotal": "50.00",
            "total": "45.00",
            "total_tax": "8.55",
            "sku": "W-1",
            "price": 22.5,
        }
    ],
    "coupon_lines": [{"code": "may", "discount": "5.00"}],
    "refunds": [],
}


def gtag_query(**own):
    return urlencode(GTAG_SHARED | own)


def gtag_body(lines=GTAG_LINES):
    return "\r\n".join(urlencode(line) for line in lines).encode()


def snowplow_body(key, events=SNOWPLOW_EVENTS):
    data = [SNOWPLOW_COMMON | {"aid": key} | event for event in events]
    return json.dumps({"schema": SNOWPLOW_SCHEMA, "data": data}).encode()


def other_golden(key):
    """(method, path, headers, body) of each client, as it sends with this key."""
    snowplow_query = urlencode(SNOWPLOW_COMMON | {"aid": key, "e": "pv", "eid": "e-get"})
    return [
        (
            "POST",
            f"/mp/collect?measurement_id=G-ABCDEF1234&api_secret={quote(key)}",
            {},
            json.dumps(GA4_PURCHASE).encode(),
        ),
        ("POST", f"/mp/collect?measurement_id=G-ABCDEF1234&api_secret={quote(key)}", {}, json.dumps(GA4_CART).encode()),
        ("POST", f"/k/{key}/g/collect?{gtag_query()}", {"content-type": "text/plain;charset=UTF-8"}, gtag_body()),
        ("GET", f"/k/{key}/g/collect?{gtag_query(en='page_view')}", {}, b""),
        (
            "POST",
            "/com.snowplowanalytics.snowplow/tp2",
            {"content-type": "application/json; charset=UTF-8"},
            snowplow_body(key),
        ),
        ("GET", f"/i?{snowplow_query}", {}, b""),
        (
            "POST",
            f"/woocommerce?writeKey={key}",
            {"x-wc-webhook-topic": "order.updated"},
            json.dumps(WOO_ORDER).encode(),
        ),
        (
            "POST",
            f"/shopify?writeKey={key}&sealed=x",
            {"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": b64encode(b"x" * 32).decode()},
            json.dumps(SHOPIFY_ORDER).encode(),
        ),
    ]
