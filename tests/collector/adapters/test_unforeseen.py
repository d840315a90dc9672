"""Events that no adapter foresaw."""

import json

import pytest

from collector.adapters import ga4, gtag, shopify, snowplow, unforeseen, woocommerce
from collector.adapters.mapped import Call
from collector.splitting import Reject
from collector.translating import translated
from contracts.errors import ErrorCode
from tests.collector.other_requests import (
    SHOPIFY_ORDER,
    SNOWPLOW_EVENTS,
    WOO_ORDER,
    gtag_body,
    gtag_query,
    snowplow_body,
)

REJECT = Reject(ErrorCode.BAD_PROPERTIES, None)
SECRET = "jon@example.com"
SEARCHES = [{"name": "search", "params": {"search_term": word}} for word in ("tee", SECRET, "mug")]


@pytest.fixture
def logged(monkeypatch):
    found = []
    monkeypatch.setattr(unforeseen, "log", lambda event, level, **fields: found.append((event, fields)))
    return found


def failing(monkeypatch, adapter, name, wanted):
    """Lets one call of the adapter's function raise, the one whose arguments hold this text."""
    whole = getattr(adapter, name)

    def fails(*args):
        if wanted in str(args):
            raise KeyError(SECRET)
        return whole(*args)

    monkeypatch.setattr(adapter, name, fails)


@pytest.mark.parametrize(
    ("adapter", "name", "wanted", "call"),
    [
        (ga4, "messages_of", SECRET, Call("", json.dumps({"client_id": "c", "events": SEARCHES}).encode())),
        (gtag, "messages_of", "scroll", Call(gtag_query(), gtag_body())),
        (snowplow, "one_a_product", "play", Call("", snowplow_body("k", SNOWPLOW_EVENTS[:3]))),
    ],
    ids=["ga4", "gtag", "snowplow"],
)
def test_one_event_is_rejected_and_the_others_are_stored(monkeypatch, logged, adapter, name, wanted, call):
    whole = adapter.read(call).messages
    failing(monkeypatch, adapter, name, wanted)
    first, second, third = translated(adapter.read(call)).members
    assert (first.reject, second.reject, third.reject) == (None, REJECT, None)
    assert second.raw == whole[1].raw, "with its own bytes"
    assert [event for event, _ in logged] == ["event_not_mapped"]


@pytest.mark.parametrize(
    ("adapter", "topic", "body"),
    [(shopify, "orders/create", SHOPIFY_ORDER), (woocommerce, "order.updated", WOO_ORDER)],
    ids=["shopify", "woocommerce"],
)
def test_an_order_is_rejected_and_kept(monkeypatch, logged, adapter, topic, body):
    failing(monkeypatch, adapter, "order_message", "")
    call = Call("", json.dumps(body).encode(), {adapter.TOPIC_HEADER: topic}.get)
    (member,) = translated(adapter.read(call)).members
    assert (member.reject, member.raw, len(logged)) == (REJECT, call.body, 1)


def test_what_cannot_be_written_is_rejected_alone(logged):
    parts = ga4.read(Call("", json.dumps({"client_id": "c", "events": SEARCHES}).encode()))
    parts.messages[1].message["properties"][("no", "name")] = object()
    members = translated(parts).members
    assert [member.reject for member in members] == [None, REJECT, None]
    assert members[1].raw == parts.messages[1].raw and len(logged) == 1


def test_the_log_names_the_place_and_nothing_of_the_event(monkeypatch, logged):
    failing(monkeypatch, ga4, "messages_of", SECRET)
    ga4.read(Call("", json.dumps({"client_id": "c", "events": SEARCHES}).encode()))
    ((_, fields),) = logged
    assert fields["error"] == "KeyError" and fields["place"].startswith("test_unforeseen.py:")
    assert "jon" not in str(fields)


def test_want_of_memory_is_no_trouble_of_the_event(monkeypatch, logged):
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(ga4, "messages_of", fails)
    with pytest.raises(MemoryError):
        ga4.read(Call("", json.dumps({"client_id": "c", "events": SEARCHES}).encode()))
    assert logged == []
