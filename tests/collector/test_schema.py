"""Requests that schemathesis makes of the OpenAPI document, right and wrong ones: every answer is one that it declares."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from collector.openapi import openapi_document
from tests.collector.running import key_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi_document())))
PATHS = SCHEMA.raw_schema["paths"]
ONE_OF_A_KIND = (
    "/v1/track",
    "/v1/batch",
    "/mp/collect",
    "/v1/pixel/page",
    "/v1/projects/{key}/settings",
    "/sourceConfig",
)


def cases(paths):
    """Path, method and mode; a request without a body and without a query cannot be wrong."""
    for path in paths:
        for method, operation in PATHS[path].items():
            yield path, method, GenerationMode.POSITIVE
            if "requestBody" in operation or operation.get("parameters", [{}])[0].get("in") == "query":
                yield path, method, GenerationMode.NEGATIVE


def assert_every_answer_is_declared(collector, merchant, path, method, mode, examples):
    key = key_of(merchant)

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SCHEMA[path][method].as_strategy(generation_mode=mode))
    def check(case):
        if "key" in case.path_parameters:
            case.path_parameters["key"] = key
        case.call_and_validate(base_url=collector.url, auth=(key, ""), checks=CHECKS)

    check()


@pytest.mark.parametrize(("path", "method", "mode"), list(cases(ONE_OF_A_KIND)))
def test_every_answer_is_declared(collector, merchant, path, method, mode):
    assert_every_answer_is_declared(collector, merchant, path, method, mode, 20)


@pytest.mark.long
@pytest.mark.parametrize(("path", "method", "mode"), list(cases(PATHS)))
def test_every_answer_of_many_is_declared(collector, merchant, path, method, mode):
    assert_every_answer_is_declared(collector, merchant, path, method, mode, 500)
