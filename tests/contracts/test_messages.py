"""Error, ready and request messages against their schemas; those of envelopes are in tests/collector/test_envelopes.py."""

import json
from pathlib import Path

import jsonschema
import pytest

from contracts import messages
from contracts.errors import ErrorCode
from contracts.messages import ErrorMessage, ReadyMessage, RequestMessage, json_bytes

CONTRACTS = Path(messages.__file__).parent
SHAPES = {"error": ErrorMessage, "ready": ReadyMessage, "request": RequestMessage}


def validator(name):
    schema = json.loads((CONTRACTS / "schemas" / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def golden(name, kind):
    found = [json.loads(path.read_text()) for path in sorted((CONTRACTS / "golden" / name / kind).glob("*.json"))]
    assert found
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_good_samples_are_valid_and_bad_ones_are_not(name):
    assert [list(validator(name).iter_errors(sample)) for sample in golden(name, "good")] == [[]] * len(
        golden(name, "good")
    )
    assert not any(validator(name).is_valid(sample) for sample in golden(name, "bad"))


@pytest.mark.parametrize("name", SHAPES)
def test_no_field_may_be_left_out_or_added(name):
    for sample in golden(name, "good"):
        assert set(sample) == set(SHAPES[name].__annotations__)
        for field in sample:
            assert not validator(name).is_valid({key: value for key, value in sample.items() if key != field}), field
        assert not validator(name).is_valid(sample | {"surprise": 1})


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_may_travel(code):
    assert validator("error").is_valid(golden("error", "good")[0] | {"code": str(code)})


def test_the_bytes_of_a_message_are_its_json():
    sample = golden("ready", "good")[0] | {"merchant": "é"}
    assert json.loads(json_bytes(sample)) == sample
    assert json_bytes({"a": [1, "é"]}) == '{"a":[1,"é"]}'.encode()
