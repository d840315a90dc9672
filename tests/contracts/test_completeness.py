"""A name that is unknown, empty or missing stops a program at its start, and is named."""

from enum import StrEnum

import pytest

from contracts import completeness, errors
from contracts.completeness import IncompleteContract, check_contracts
from contracts.errors import ErrorCode
from contracts.settings import SettingsError, read_settings


class WithEmptyName(StrEnum):
    GOOD = "good"
    EMPTY = " "


def test_the_contracts_are_complete():
    assert check_contracts().kafka_bootstrap


def test_an_empty_name_is_found(monkeypatch):
    monkeypatch.setattr(completeness, "Topic", WithEmptyName)
    with pytest.raises(IncompleteContract, match="WithEmptyName"):
        check_contracts()


def test_a_code_without_an_explanation_is_named(monkeypatch):
    without = {code: text for code, text in errors.EXPLANATIONS.items() if code is not ErrorCode.BAD_JSON}
    monkeypatch.setattr(completeness, "EXPLANATIONS", without)
    with pytest.raises(IncompleteContract, match="bad_json"):
        check_contracts()


def test_an_unknown_code_is_named(monkeypatch):
    monkeypatch.setattr(completeness, "EXPLANATIONS", errors.EXPLANATIONS | {"strange": None})
    with pytest.raises(IncompleteContract, match="strange"):
        check_contracts()


@pytest.mark.parametrize(
    ("name", "value"),
    [("FOOTFALL_KAFKA_BOOTSTRAP", ""), ("FOOTFALL_NO_SUCH_SETTING", "1"), ("FOOTFALL_COLLECTOR_PORT", "eighty")],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})
