"""A request on which the collector itself fails: 503, and a log line that says where, with no key and nothing that was sent."""

import importlib
import json
import logging
from types import SimpleNamespace

import pytest

from collector.log import logger
from contracts.settings import settings
from tests.loops import told

SENT, KEY = "jon@example.com", "wk1.p.s1.lamps.0.0123456789"


@pytest.fixture
def collector(monkeypatch):
    """One that is not open."""
    monkeypatch.setenv("FOOTFALL_KEY_SECRETS", "s1:" + "0" * 32)
    settings.cache_clear()
    yield importlib.import_module("collector.app").Collector()
    settings.cache_clear()


def test_the_log_says_where_and_neither_key_nor_text(collector, monkeypatch, caplog):
    answers = []

    async def fails(*_):
        raise ValueError(SENT)

    monkeypatch.setattr(collector, "_answer", fails)
    protocol = SimpleNamespace(response_bytes=lambda status, headers, body: answers.append((status, json.loads(body))))
    scope = SimpleNamespace(path=f"/k/{KEY}/g/collect", method="POST", headers={})
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.ERROR):
        told(collector.__rsgi__(scope, protocol))
    assert [(status, body["code"]) for status, body in answers] == [(503, "unavailable")]
    (record,) = caplog.records
    line = str(record.__dict__)
    assert "ValueError" in line and "test_failing.py" in line
    assert KEY not in line and SENT not in line
