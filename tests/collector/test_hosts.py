"""Pages on hosts that a shop has not listed are refused, by running collectors as well as later ones."""

from datetime import UTC, datetime

import pytest
import requests

from collector.hosts import is_listed, page_host
from contracts.keys import KeyKind
from contracts.names import Collection
from contracts.settings import Settings
from stack.problems import StackProblem
from stack.shop_keys import list_hosts, renew_keys, revoke_old_keys
from tests.collector.running import envelopes, key_of, running_collector, until

WHO, NOW = "anna@lamps.example", datetime(2026, 11, 25, tzinfo=UTC)


def status(collector, shop, headers, kind=KeyKind.PAGE):
    address = f"{collector.url}/v1/track"
    message = {"event": "x", "anonymousId": "v", "writeKey": key_of(shop, kind)}
    return requests.post(address, json=message, headers=headers, timeout=10).status_code


def test_only_pages_on_listed_hosts_are_taken(collector, database, shop, tmp_path):
    settings = Settings(kafka_bootstrap=collector.kafka)
    foreign, own = {"origin": "https://copy.example"}, {"origin": "https://www.lamps.example:8443"}
    assert status(collector, shop, foreign) == 200
    list_hosts(database, settings, shop, ["lamps.example"], WHO, NOW)
    until(lambda: status(collector, shop, foreign) == 403)
    before = len(envelopes(collector.kafka, shop))
    for headers in (foreign, {"origin": "null"}, {"referer": "https://copy.example/lamps.example"}):
        assert status(collector, shop, headers) == 403
    assert len(envelopes(collector.kafka, shop)) == before
    assert status(collector, shop, own) == status(collector, shop, {}) == 200
    assert status(collector, shop, foreign, KeyKind.SERVER) == 200
    assert status(collector, f"{shop}-2", foreign) == 200
    with running_collector(collector.kafka, tmp_path) as later:
        until(later.is_ready)
        assert (status(later, shop, foreign), status(later, shop, own)) == (403, 200)
    (entry,) = database[Collection.AUDIT].find({"merchant": shop})
    assert (entry["action"], entry["who"]) == ("hosts_listed", WHO)


def test_a_list_is_taken_back_and_outlives_a_revocation(collector, database, shop):
    settings = Settings(kafka_bootstrap=collector.kafka)
    foreign = {"origin": "https://copy.example"}
    list_hosts(database, settings, shop, ["lamps.example"], WHO, NOW)
    until(lambda: status(collector, shop, foreign) == 403)
    renew_keys(database, shop, WHO, NOW)
    revoke_old_keys(database, settings, shop, WHO, NOW)
    until(lambda: status(collector, shop, {}) == 401)
    assert database[Collection.MERCHANTS].find_one({"_id": shop})["hosts"] == ["lamps.example"]
    current = {"event": "x", "anonymousId": "v", "writeKey": key_of(shop, generation=2)}

    def answer():
        return requests.post(f"{collector.url}/v1/track", json=current, headers=foreign, timeout=10)

    assert (answer().status_code, answer().json()["code"]) == (403, "foreign_host")
    list_hosts(database, settings, shop, [], WHO, NOW)
    until(lambda: answer().status_code == 200)


@pytest.mark.parametrize("host", ["https://lamps.example", "Lamps.example", ".lamps.example", "lamps.example/x", ""])
def test_what_is_no_host_is_not_listed(database, shop, host):
    with pytest.raises(StackProblem, match="is no host"):
        list_hosts(database, Settings(), shop, [host], WHO, NOW)


@pytest.mark.parametrize(
    "origin, referer, host",
    [
        (None, None, None),
        ("https://A.example:1", None, "a.example"),
        (None, "https://a.example/b?c", "a.example"),
        ("null", "https://a.example/", ""),
        ("http://[", None, ""),
    ],
)
def test_where_a_page_is(origin, referer, host):
    assert page_host(origin, referer) == host


def test_a_host_stands_for_those_below_it():
    assert is_listed("a.example", ["a.example"]) and is_listed("b.a.example", ["a.example"])
    assert not is_listed("ba.example", ["a.example"]) and not is_listed("", ["a.example"])
