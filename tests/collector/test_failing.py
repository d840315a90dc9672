"""A request on which the collector itself fails: 503, and a log line that says where, with no key and nothing that was sent."""

import json
import logging

import pytest

from collector.app import Collector
from collector.log import logger
from collector.process import Process
from collector.serving.request import Headers, Request
from contracts.settings import Settings

SENT, KEY = "jon@example.com", "wk1.p.s1.lamps.0.0123456789"


@pytest.fixture
def collector():
    """One that is not open."""
    settings = Settings(key_secrets="s1:" + "0" * 32)
    return Collector(settings, Process(settings))


@pytest.mark.parametrize("step", ["head", "take"])
def test_the_log_says_where_and_neither_key_nor_text(collector, monkeypatch, caplog, step):
    answers = []

    def fails(*_):
        raise ValueError(SENT)

    monkeypatch.setattr(collector, "_of_head", fails)
    request = Request("POST", f"/k/{KEY}/g/collect", Headers({}), "127.0.0.1", lambda _, answer: answers.append(answer))
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.ERROR):
        if step == "head":
            request.ready_answer = collector.head(request)
        else:
            request.taking = fails
        collector.take(request)
    assert [(answer.status, json.loads(answer.body)["code"]) for answer in answers] == [(503, "unavailable")]
    (record,) = caplog.records
    line = str(record.__dict__)
    assert "ValueError" in line and "test_failing.py" in line
    assert KEY not in line and SENT not in line
