"""Doors of other clients on the running collector: their own requests end up in the topic as messages of ours."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import requests

from contracts.keys import KeyKind, WriteKey
from contracts.order_webhooks import Platform, derived_secret, is_signed
from sealing import NotSealed
from sealing.webhook_secrets import seal_secret, unseal_secret
from tests.collector.other_requests import GA4_CART, SHOPIFY_ORDER, WOO_ORDER, other_golden
from tests.collector.running import SECRETS, envelopes, key_of
from tests.collector.test_envelopes import schema

RECORDED = json.loads(Path(__file__).with_name("recorded_requests.json").read_text())
"""What unmodified clients sent, with KEY for the write key."""
SHOPIFY_SECRET = "shpss_0123456789abcdef"
STORED = {"ga4": [1, 4], "gtag": [3, 1], "snowplow": [7, 1]}


def sent(collector, method, path, headers, body):
    return requests.request(method, f"{collector.url}{path}", headers=headers, data=body, timeout=30)


def key_for(merchant):
    return WriteKey(KeyKind.PAGE, "t1", merchant, 1)


def signed(body, secret):
    return b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def to_woo(collector, merchant, body, topic="order.updated", signature=None):
    good = signed(body, derived_secret(key_for(merchant), Platform.WOOCOMMERCE, SECRETS["t1"]))
    headers = {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": good if signature is None else signature}
    return sent(collector, "POST", f"/woocommerce?writeKey={key_of(merchant)}", headers, body)


def to_shopify(collector, merchant, body, sealed=None, secret=SHOPIFY_SECRET):
    token = sealed or seal_secret(SHOPIFY_SECRET, key_for(merchant), Platform.SHOPIFY, SECRETS["t1"])
    headers = {"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": signed(body, secret)}
    return sent(collector, "POST", f"/shopify?writeKey={key_of(merchant)}&sealed={token}", headers, body)


@pytest.mark.parametrize("door", STORED)
def test_what_clients_send_is_in_the_topic(collector, merchant, door):
    golden = [one for one in other_golden(key_of(merchant)) if door in _door_of(one[1])]
    assert len(golden) == 2
    for (method, path, headers, body), count in zip(golden, STORED[door], strict=True):
        answer = sent(collector, method, path, headers, body)
        assert answer.status_code == 200, answer.text
        if method == "POST":
            assert answer.json() == {"success": True, "accepted": count, "rejected": []}
        else:
            assert answer.headers["content-type"] == "image/gif"
    found = envelopes(collector.kafka, merchant)
    assert len(found) == sum(STORED[door])
    for envelope in found:
        jsonschema.validate(envelope, schema("envelope"))
        assert (envelope["source"]["door"], envelope["key_kind"], envelope["reject"]) == (door, "page", None)
        assert json.loads(envelope["message"])["type"] in ("track", "page")


def test_what_unmodified_clients_sent_is_in_the_topic_once(collector, merchant):
    for row in RECORDED:
        path, body = (row[name].replace("KEY", key_of(merchant)) for name in ("path", "body"))
        assert sent(collector, row["method"], path, {}, body.encode()).ok, row["client"]
    found = [json.loads(envelope["message"]) for envelope in envelopes(collector.kafka, merchant)]
    assert Counter(message.get("event", message["type"]) for message in found) == {
        "purchase": 1,
        "view_item": 2,
        "page": 3,
        "add-to-basket": 2,
        "Product Added": 3,
        "Product Viewed": 1,
        "Order Completed": 1,
    }


def _door_of(path):
    names = {"/mp/": "ga4", "/g/collect": "gtag", "/i?": "snowplow", "/tp2": "snowplow"}
    return next((name for part, name in names.items() if part in path), "")


def test_the_clients_own_bytes_travel_once_for_each_event(collector, merchant):
    body = json.dumps(GA4_CART).encode()
    assert sent(collector, "POST", f"/mp/collect?api_secret={key_of(merchant)}", {}, body).ok
    raws = [envelope["source"].get("raw") for envelope in envelopes(collector.kafka, merchant)]
    events = [json.loads(b64decode(raw))["events"] for raw in raws if raw]
    assert sorted(event["name"] for (event,) in events) == ["add_to_cart", "page_view", "refund"]
    assert raws.count(None) == 1


def test_a_bad_event_is_named_and_kept(collector, merchant):
    body = json.dumps({"client_id": "c", "events": [{"name": "search"}, {}, 3]})
    answer = sent(collector, "POST", f"/mp/collect?api_secret={key_of(merchant)}", {}, body).json()
    assert (answer["accepted"], [(one["index"], one["code"]) for one in answer["rejected"]]) == (
        1,
        [(1, "no_event_name"), (2, "not_an_object")],
    )
    rejected = [envelope["reject"] for envelope in envelopes(collector.kafka, merchant) if envelope["reject"]]
    assert {"code": "no_event_name", "field": "name"} in rejected and len(rejected) == 2


def test_a_body_that_is_none_is_refused_and_kept(collector, merchant):
    answer = sent(collector, "POST", f"/mp/collect?api_secret={key_of(merchant)}", {}, b"{")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_json")
    (envelope,) = envelopes(collector.kafka, merchant)
    assert (envelope["source"]["door"], b64decode(envelope["source"]["raw"])) == ("ga4", b"{")


def test_validation_says_what_is_wrong_and_keeps_nothing(collector, merchant):
    body = json.dumps({"client_id": "c", "events": [{"name": "search"}, {}]})
    path = f"/debug/mp/collect?measurement_id=G-1&api_secret={key_of(merchant)}"
    (wrong,) = sent(collector, "POST", path, {}, body).json()["validationMessages"]
    assert (wrong["fieldPath"], wrong["validationCode"]) == ("events[1].name", "NAME_INVALID")
    assert sent(collector, "POST", path, {}, json.dumps(GA4_CART)).json() == {"validationMessages": []}
    assert sent(collector, "POST", "/debug/mp/collect?api_secret=x", {}, body).status_code == 401
    assert envelopes(collector.kafka, merchant) == []


@pytest.mark.parametrize(
    "path", ["/mp/collect", "/g/collect", "/k/wrong/g/collect", "/i", "/shopify", "/woocommerce?writeKey=x"]
)
def test_without_a_key_nothing_is_taken(collector, path):
    assert sent(collector, "POST", path, {}, b"{}").status_code == 401


def test_orders_of_woocommerce_come_in_signed(collector, merchant):
    body = json.dumps(WOO_ORDER).encode()
    assert to_woo(collector, merchant, body).json()["accepted"] == 2
    found = envelopes(collector.kafka, merchant)
    assert {envelope["key_kind"] for envelope in found} == {"server"}, "only the shop's server knows the secret"
    assert {envelope["source"]["door"] for envelope in found} == {"woocommerce/order.updated"}
    assert to_woo(collector, merchant, body + b" ", signature=signed(body, "x")).status_code == 403
    assert to_woo(collector, merchant, body, signature="").json()["code"] == "bad_signature"
    assert len(envelopes(collector.kafka, merchant)) == 2


def test_saving_a_webhook_of_woocommerce_works(collector, merchant):
    answer = sent(collector, "POST", f"/woocommerce?writeKey={key_of(merchant)}", {}, b"webhook_id=17")
    assert (answer.status_code, envelopes(collector.kafka, merchant)) == (200, [])


def test_orders_of_shopify_come_in_signed_by_a_secret_that_only_the_address_knows(collector, merchant):
    body = json.dumps(SHOPIFY_ORDER | {"note": "x" * 60_000}).encode()
    answer = to_shopify(collector, merchant, body)
    assert answer.json() == {"success": True, "accepted": 1, "rejected": []}
    (envelope,) = envelopes(collector.kafka, merchant)
    assert (envelope["source"]["door"], envelope["key_kind"]) == ("shopify/orders/create", "server")
    assert b64decode(envelope["source"]["raw"]) == body, "larger than a message may be, and whole"
    of_another = seal_secret(SHOPIFY_SECRET, key_for("other"), Platform.SHOPIFY, SECRETS["t1"])
    assert to_shopify(collector, merchant, body, sealed=of_another).status_code == 403
    assert to_shopify(collector, merchant, body, secret="another").status_code == 403


def test_browsers_that_send_cookies_along_are_answered_too(collector, merchant):
    origin = "https://shop.example:8443"
    path, asked = f"/k/{key_of(merchant)}/com.snowplowanalytics.snowplow/tp2", {"origin": origin}
    preflight = {**asked, "access-control-request-headers": "content-type,sp-anonymous"}
    for answer in (sent(collector, "OPTIONS", path, preflight, b""), sent(collector, "POST", path, asked, b"{}")):
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true" and answer.headers["vary"] == "origin"
    allowed = sent(collector, "OPTIONS", path, preflight, b"").headers["access-control-allow-headers"]
    assert "content-type" in allowed and "sp-anonymous" in allowed
    for other in ("null", "https://a b", "https://x, https://y"):
        assert sent(collector, "POST", path, {"origin": other}, b"{}").headers["access-control-allow-origin"] == "*"


def test_of_what_is_not_signed_nothing_is_kept(collector, merchant):
    for body in (b"{", b"x" * 600_000, json.dumps(WOO_ORDER).encode()):
        assert to_woo(collector, merchant, body, signature="AAAA").status_code in (403, 413)
    assert envelopes(collector.kafka, merchant) == []


def test_a_sealed_secret_is_for_one_key_and_cannot_be_read_or_changed():
    key, secret = key_for("amber"), SECRETS["t1"]
    sealed = seal_secret(SHOPIFY_SECRET, key, Platform.SHOPIFY, secret)
    assert unseal_secret(sealed, key, Platform.SHOPIFY, secret) == SHOPIFY_SECRET
    assert sealed != seal_secret(SHOPIFY_SECRET, key, Platform.SHOPIFY, secret)
    assert SHOPIFY_SECRET.encode() not in b64decode(sealed + "==", altchars=b"-_")
    changed = ("A" if sealed[30] != "A" else "B").join((sealed[:30], sealed[31:]))
    for text in (changed, sealed[:-4], "", "é", "x" * 9_999):
        with pytest.raises(NotSealed):
            unseal_secret(text, key, Platform.SHOPIFY, secret)
    for other in (WriteKey(KeyKind.PAGE, "t1", "amber", 2), key_for("birch")):
        with pytest.raises(NotSealed):
            unseal_secret(sealed, other, Platform.SHOPIFY, secret)
    with pytest.raises(NotSealed):
        unseal_secret(sealed, key, Platform.WOOCOMMERCE, secret)


def test_a_signature_of_anything_else_is_none():
    assert is_signed(b"{}", signed(b"{}", "s"), "s")
    assert not any(is_signed(b"{}", text, "s") for text in ("", "é", signed(b"{ }", "s"), signed(b"{}", "t")))
