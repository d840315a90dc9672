"""Doors that single SDKs need: pictures of one pixel, RudderStack's browser SDK, Segment's figures about itself."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import jsonschema
import pytest
import requests

from collector.pixel import PICTURE
from tests.collector.running import envelopes, key_of
from tests.collector.test_envelopes import schema

OPENED = {"event": "Email Opened", "userId": "u-1", "properties": {"subject": "Sale? Só 50 %"}}


def picture(collector, query, kind="track", **options):
    return requests.get(f"{collector.url}/v1/pixel/{kind}?{query}", timeout=30, **options)


@pytest.mark.parametrize(
    "written",
    [
        lambda body: quote(b64encode(body).decode(), safe=""),
        lambda body: b64encode(body).decode(),
        lambda body: urlsafe_b64encode(body).decode().rstrip("="),
    ],
    ids=["escaped", "bare", "for addresses"],
)
def test_a_picture_is_a_message(collector, merchant, written):
    # "??>" and "~~~" are + and / in base64
    body = json.dumps({**OPENED, "writeKey": key_of(merchant), "x": "??>~~~>>>???"}).encode()
    answer = picture(collector, f"data={written(body)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a") and answer.headers["cache-control"] == "no-store"
    (envelope,) = envelopes(collector.kafka, merchant)
    jsonschema.validate(envelope, schema("envelope"))
    assert (envelope["message"], envelope["source"]["door"]) == (body.decode(), "v1/pixel")


def test_the_picture_of_a_page_may_have_its_key_in_the_address(collector, merchant):
    body = b64encode(b'{"anonymousId":"v-1","type":"page"}').decode()
    assert picture(collector, f"writeKey={key_of(merchant)}&data={body}", kind="page").ok
    assert len(envelopes(collector.kafka, merchant)) == 1


@pytest.mark.parametrize("data", ["data=!!!", "data=bm8ganNvbg", ""], ids=["no base64", "no JSON", "nothing"])
def test_a_bad_picture_is_refused_and_kept(collector, merchant, data):
    answer = picture(collector, f"writeKey={key_of(merchant)}&{data}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_json")
    (envelope,) = envelopes(collector.kafka, merchant)
    jsonschema.validate(envelope, schema("envelope"))
    assert envelope["reject"]["code"] == "bad_json"


def test_a_picture_without_a_key_is_refused(collector):
    assert picture(collector, "data=e30").status_code == 401


def test_figures_of_an_sdk_about_itself_are_swallowed(collector):
    answer = collector.post("/v1/m", {"series": [{"type": "Counter", "metric": "analytics_js.invoke", "value": 1}]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert collector.post("/v1/m", b"x" * 900_000).status_code == 200


@pytest.mark.parametrize("path", ["/beacon/v1/batch?writeKey={key}", "/v1/import?writeKey={key}"])
def test_other_addresses_of_batches(collector, merchant, path):
    body = json.dumps({"batch": [{"type": "track", "event": "x", "messageId": "m-1"}], "integrations": {"All": True}})
    answer = collector.post(path.format(key=key_of(merchant)), body, headers={"content-type": "text/plain"})
    assert answer.json() == {"success": True, "accepted": 1, "rejected": []}
    assert envelopes(collector.kafka, merchant)[0]["source"]["door"] == "v1/batch"


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
@pytest.mark.parametrize("is_basic", [False, True])
def test_the_source_of_rudderstack(collector, merchant, path, is_basic):
    key = key_of(merchant)
    options = {"auth": (key, "")} if is_basic else {"params": {"writeKey": key, "p": "npm", "v": "3.0.0"}}
    answer = requests.get(f"{collector.url}{path}", timeout=10, allow_redirects=False, **options)
    source = answer.json()["source"]
    assert (answer.status_code, source["writeKey"], source["enabled"], source["destinations"]) == (200, key, True, [])
    assert requests.get(f"{collector.url}{path}?writeKey=x", timeout=10).status_code == 401


def test_a_key_without_its_colon_is_read(collector, merchant):
    basic = "Basic " + b64encode(key_of(merchant).encode()).decode()
    assert collector.post("/v1/track", {"event": "x"}, headers={"authorization": basic}).status_code == 200
    assert len(envelopes(collector.kafka, merchant)) == 1


def test_an_error_says_its_code_where_the_python_sdks_read_it(collector):
    content = collector.post("/v1/track", {"event": "x"}, auth=("wrong", "")).json()
    assert (content["code"], content["message"]) == (content["error"]["code"], content["error"]["message"])


def test_the_picture_is_one_pixel():
    assert PICTURE.body[6:10] == b"\x01\x00\x01\x00"
