"""The collector's doors over HTTP, with a real broker behind them."""

import gzip
import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
import requests

from contracts.events import MessageType
from contracts.keys import KeyKind
from tests.collector.running import envelopes, key_of
from tests.collector.test_envelopes import schema

TRACK = {"type": "track", "event": "Product Viewed", "anonymousId": "v-1", "messageId": "m-1"}


def batch_of(*members: object, **fields: object) -> dict:
    return {"batch": list(members), **fields}


@pytest.mark.parametrize("kind", MessageType)
@pytest.mark.parametrize("is_short", [False, True])
def test_every_door_takes_its_messages(collector, merchant, kind, is_short):
    body = '{"anonymousId" : "v-1"}'
    answer = collector.post(f"/v1/{kind[0] if is_short else kind}", body, auth=(key_of(merchant), ""))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (envelope,) = envelopes(collector.kafka, merchant)
    jsonschema.validate(envelope, schema("envelope"))
    assert (envelope["source"]["door"], envelope["message"]) == (f"v1/{kind}", body)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
def test_a_batch_of_good_and_bad_members_is_split_and_none_is_lost(collector, merchant, path):
    body = batch_of(
        TRACK, 3, {"type": "purchase", "messageId": "m-2"}, {**TRACK, "messageId": "m-3"}, context={"ip": "x"}
    )
    answer = collector.post(
        path, {**body, "sentAt": "2026-11-24T10:00:00Z", "writeKey": key_of(merchant, KeyKind.SERVER)}
    )
    assert answer.status_code == 200
    content = answer.json()
    assert (content["success"], content["accepted"]) == (True, 2)
    assert [(bad["index"], bad["messageId"], bad["code"]) for bad in content["rejected"]] == [
        (1, None, "not_an_object"),
        (2, "m-2", "unknown_type"),
    ]
    found = envelopes(collector.kafka, merchant)
    assert sorted(str(envelope["message_id"]) for envelope in found) == ["None", "m-1", "m-2", "m-3"]
    codes = {envelope["message_id"]: envelope["reject"] and envelope["reject"]["code"] for envelope in found}
    assert codes == {"m-1": None, "m-2": "unknown_type", "m-3": None, None: "not_an_object"}
    for envelope in found:
        jsonschema.validate(envelope, schema("envelope"))
        assert (envelope["sent_at"], envelope["context"]) == ("2026-11-24T10:00:00Z", '{"ip": "x"}')
        assert (envelope["key_kind"], envelope["source"]["door"]) == ("server", "v1/batch")


def test_an_empty_batch_is_no_error(collector, merchant):
    answer = collector.post("/v1/batch", batch_of(), auth=(key_of(merchant), ""))
    assert answer.json() == {"success": True, "accepted": 0, "rejected": []}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_any_content_type_and_gzip(collector, merchant, content_type, is_packed):
    body = json.dumps(TRACK).encode()
    headers = {"content-type": content_type, "x-write-key": key_of(merchant)}
    answer = collector.post("/v1/track", gzip.compress(body) if is_packed else body, headers=headers)
    assert answer.status_code == 200
    assert envelopes(collector.kafka, merchant)[0]["message"] == body.decode()


@pytest.mark.parametrize("place", ["basic", "body", "query", "header"])
def test_the_key_is_taken_from_each_of_its_places(collector, merchant, place):
    key = key_of(merchant)
    sent = {
        "basic": {"path": "/v1/track", "body": TRACK, "auth": (key, "")},
        "body": {"path": "/v1/track", "body": {**TRACK, "writeKey": key}},
        "query": {"path": f"/v1/track?writeKey={key}", "body": TRACK},
        "header": {"path": "/v1/track", "body": TRACK, "headers": {"x-write-key": key}},
    }[place]
    assert collector.post(**sent).status_code == 200
    assert len(envelopes(collector.kafka, merchant)) == 1


def test_basic_comes_before_the_body(collector, merchant):
    answer = collector.post("/v1/track", {**TRACK, "writeKey": key_of(merchant)}, auth=("wrong", ""))
    assert (answer.status_code, answer.json()["error"]["field"]) == (401, "authorization")
    assert envelopes(collector.kafka, merchant) == []


@pytest.mark.parametrize(("key", "code"), [(None, "no_key"), ("wk1.p.t1.amber.1.00", "bad_key"), ("é", "bad_key")])
def test_without_a_valid_key_there_is_a_401_that_says_why(collector, key, code):
    answer = collector.post("/v1/track", {**TRACK, "writeKey": key})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (401, code, "writeKey")
    assert error["message"].endswith(".") and error["link"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/track", b'{"event":', 400, "bad_json"),
        ("/v1/batch", b"\x1f\x8bnonsense", 400, "bad_json"),
        ("/v1/batch", b"[]", 400, "not_an_object"),
        ("/v1/batch", b"{}", 400, "no_batch"),
        ("/v1/track", b'{"event":"caf\xe9"}', 400, "bad_utf8"),
        ("/v1/track", b'{"type":"purchase"}', 400, "unknown_type"),
        ("/v1/track", b'{"event":"' + b"x" * 40_000 + b'"}', 413, "too_large"),
        ("/v1/batch", b"x" * 600_000, 413, "too_large"),
        ("/v1/batch", gzip.compress(b"\0" * 30_000_000), 413, "too_large"),
    ],
)
def test_a_bad_body_is_refused_and_kept(collector, merchant, path, body, status, code):
    answer = collector.post(path, body, auth=(key_of(merchant), ""))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    (envelope,) = envelopes(collector.kafka, merchant)
    jsonschema.validate(envelope, schema("envelope"))
    assert envelope["reject"]["code"] == code
    if envelope["message"] is None:
        raw = b64decode(envelope["source"]["raw"])
        assert len(raw) <= 32 * 1024 and (status == 413 or raw == body)


def test_a_body_without_a_declared_length_is_bounded(collector, merchant):
    chunks = (b"x" * 10_000 for _ in range(200))
    answer = requests.post(f"{collector.url}/v1/batch", data=chunks, auth=(key_of(merchant), ""), timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_the_sender_is_kept_shortened(collector, merchant):
    headers = {"x-forwarded-for": "198.51.100.9, 203.0.113.77", "user-agent": "shop/1 " + "x" * 900}
    collector.post("/v1/track", TRACK, auth=(key_of(merchant), ""), headers=headers)
    (envelope,) = envelopes(collector.kafka, merchant)
    assert envelope["ip"] == "203.0.113.0"
    assert envelope["user_agent"].startswith("shop/1 ") and len(envelope["user_agent"]) == 512


def test_browsers_may_ask_from_anywhere(collector):
    asked = {
        "origin": "https://shop.example",
        "access-control-request-headers": "authorization,content-type,x-retry-count",
    }
    answer = requests.options(f"{collector.url}/v1/b", headers=asked, timeout=10)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed)
    assert int(answer.headers["access-control-max-age"]) >= 7_200
    assert collector.post("/v1/track", b"").headers["access-control-allow-origin"] == "*"


def test_the_settings_document_leads_back_here(collector, merchant):
    key = key_of(merchant)
    door = requests.get(f"{collector.url}/v1/projects/{key}/settings", timeout=10).json()["integrations"]["Segment.io"]
    assert (door["apiKey"], f"{door['protocol']}://{door['apiHost']}") == (key, f"{collector.url}/v1")
    assert requests.get(f"{collector.url}/v1/projects/wrong/settings", timeout=10).status_code == 401


def test_health_and_readiness(collector):
    assert requests.get(f"{collector.url}/health", timeout=10).json() == {"alive": True}
    assert requests.get(f"{collector.url}/ready", timeout=10).json() == {"ready": True}
    assert requests.head(f"{collector.url}/health", timeout=10).content == b""


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/track", 405), ("GET", "/v1/x", 404), ("POST", "/", 405)]
)
def test_other_addresses_say_so(collector, method, path, status):
    answer = requests.request(method, f"{collector.url}{path}", timeout=10)
    assert answer.status_code == status and answer.json()["error"]["code"]


def test_every_2xx_is_in_the_topic(collector, merchant):
    def send(number: int) -> int:
        members = [{**TRACK, "messageId": f"m-{number}-{index}"} for index in range(10)]
        return collector.post("/v1/batch", batch_of(*members), auth=(key_of(merchant), "")).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(100))) == {200}
    found = {envelope["message_id"] for envelope in envelopes(collector.kafka, merchant)}
    assert found == {f"m-{number}-{index}" for number in range(100) for index in range(10)}


def test_logs_hold_no_personal_data(collector, merchant):
    key = key_of(merchant)
    collector.post("/v1/track", {**TRACK, "anonymousId": "secret-visitor"}, auth=(key, ""))
    text = collector.log_file.read_text()
    assert collector.log_lines()
    assert key not in text and "secret-visitor" not in text
