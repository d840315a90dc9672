"""The OpenAPI document says what the running collector does."""

import json
from base64 import b64encode

import jsonschema
import pytest
import requests

from collector.openapi import openapi_document
from tests.collector.running import key_of

DOCUMENT = json.loads(json.dumps(openapi_document()))
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
BODIES = {
    "good": b'{"type":"track","event":"x","batch":[{"type":"track"},3]}',
    "no JSON": b"{",
    "nothing": b"",
    "large": b'"' + b"x" * 600_000,
}


def assert_declared(path, method, answer):
    declared = DOCUMENT["paths"][path][method]["responses"]
    assert str(answer.status_code) in declared, (path, answer.status_code)
    response = declared[str(answer.status_code)]
    (content_type,) = response["content"]
    assert answer.headers["content-type"] == content_type
    if schema := response["content"][content_type].get("schema"):
        jsonschema.validate(answer.json(), schema | {"components": DOCUMENT["components"]})
    assert set(response.get("headers", {})) <= {"Retry-After"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_declared(collector, merchant, path, method, has_key, body):
    key = key_of(merchant) if has_key else "wrong"
    address = f"{collector.url}{path.replace('{key}', key)}"
    options = {"data": body} if method == "post" else {"params": {"data": b64encode(body[:1_000])}}
    answer = requests.request(method, address, auth=(key, ""), timeout=20, **options)
    assert_declared(path, method, answer)
    is_guarded = "401" in DOCUMENT["paths"][path][method]["responses"]
    assert (answer.status_code == 401) is (is_guarded and not has_key)


def test_it_is_served(collector):
    answer = requests.get(f"{collector.url}/openapi.json", timeout=10)
    assert answer.json() == DOCUMENT and answer.headers["access-control-allow-origin"] == "*"
