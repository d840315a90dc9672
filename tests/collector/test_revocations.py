"""Keys end: an operator revokes them, and running collectors as well as later ones refuse them."""

from datetime import UTC, datetime

import pytest
import requests
from confluent_kafka import Producer

from contracts.names import Collection, Topic
from contracts.settings import Settings
from contracts.shop_keys import BadShopKeys, read_shop_keys
from stack.problems import StackProblem
from stack.shop_keys import publish_revocations, renew_keys, revoke_old_keys
from tests.collector.running import envelopes, free_port, key_of, running_collector, until

WHO, NOW = "anna@lamps.example", datetime(2026, 11, 25, tzinfo=UTC)


def status(collector, shop, generation):
    key = key_of(shop, generation=generation)
    return collector.post("/v1/track", {"event": "x"}, auth=(key, "")).status_code


def test_old_keys_are_taken_until_they_are_revoked(collector, database, shop, tmp_path):
    settings = Settings(kafka_bootstrap=collector.kafka)
    assert renew_keys(database, shop, WHO, NOW) == 2
    assert (status(collector, shop, 1), status(collector, shop, 2)) == (200, 200)
    assert revoke_old_keys(database, settings, shop, WHO, NOW) == 2
    until(lambda: status(collector, shop, 1) == 401)
    before = len(envelopes(collector.kafka, shop))
    refused = collector.post("/v1/track", {"event": "x"}, auth=(key_of(shop), ""))
    assert (refused.status_code, refused.json()["code"]) == (401, "revoked_key")
    settings_document = f"{collector.url}/v1/projects/{key_of(shop)}/settings"
    assert requests.get(settings_document, timeout=10).status_code == 401
    assert len(envelopes(collector.kafka, shop)) == before
    assert status(collector, shop, 2) == 200
    with running_collector(collector.kafka, tmp_path) as later:
        until(later.is_ready)
        assert (status(later, shop, 1), status(later, shop, 2)) == (401, 200)
    actions = [(entry["action"], entry["who"]) for entry in database[Collection.AUDIT].find({"merchant": shop})]
    assert sorted(actions) == [("keys_renewed", WHO), ("keys_revoked", WHO)]


def test_other_shops_keep_their_keys(collector, database, shop):
    renew_keys(database, shop, WHO, NOW)
    revoke_old_keys(database, Settings(kafka_bootstrap=collector.kafka), shop, WHO, NOW)
    until(lambda: status(collector, shop, 1) == 401)
    assert status(collector, f"{shop}-2", 1) == 200


def test_the_first_keys_of_a_shop_are_not_revoked_before_it_has_others(database, shop):
    with pytest.raises(StackProblem, match="renew"):
        revoke_old_keys(database, Settings(), shop, WHO, NOW)
    assert database[Collection.AUDIT].count_documents({"merchant": shop}) == 0


def test_a_revocation_that_the_broker_did_not_take_is_said_again(collector, database, shop):
    renew_keys(database, shop, WHO, NOW)
    with pytest.raises(StackProblem, match="not in force"):
        revoke_old_keys(database, Settings(kafka_bootstrap=f"127.0.0.1:{free_port()}"), shop, WHO, NOW)
    assert status(collector, shop, 1) == 200
    revoke_old_keys(database, Settings(kafka_bootstrap=collector.kafka), shop, WHO, NOW)
    until(lambda: status(collector, shop, 1) == 401)


def test_what_was_ever_revoked_is_said_again(collector, database, shop):
    database[Collection.MERCHANTS].update_one({"_id": shop}, {"$set": {"oldest_key_generation": 4}})
    assert publish_revocations(database, Settings(kafka_bootstrap=collector.kafka)) == 1
    until(lambda: status(collector, shop, 3) == 401)
    assert status(collector, shop, 4) == 200


def test_odd_messages_and_older_ones_change_nothing(collector, merchant):
    producer = Producer({"bootstrap.servers": collector.kafka})
    values = [b'{"v":1,"merchant":"%s","oldest_generation":%d}' % (merchant.encode(), number) for number in (3, 2)]
    for value in (b"\xff", b"[" * 100_000, b"{}", None, *values, b"no JSON"):
        producer.produce(Topic.SHOP_KEYS, value, key=merchant)
    producer.flush(20)
    until(lambda: status(collector, merchant, 2) == 401)
    assert status(collector, merchant, 3) == 200 and collector.is_ready()


def test_nothing_is_taken_while_it_is_not_known_what_was_revoked(tmp_path, merchant):
    with running_collector(f"127.0.0.1:{free_port()}", tmp_path) as collector:
        answer = collector.post("/v1/track", {"event": "x"}, auth=(key_of(merchant), ""))
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "revoked" in answer.json()["message"] and answer.headers["retry-after"]
        assert not collector.is_ready()


def test_a_shop_that_is_not_there(database, merchant):
    with pytest.raises(StackProblem, match="no shop"):
        renew_keys(database, merchant, WHO, NOW)
    with pytest.raises(StackProblem, match="no shop"):
        revoke_old_keys(database, Settings(), merchant, WHO, NOW)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[1]",
        b'{"v":2,"merchant":"amber","oldest_generation":1}',
        b'{"v":1,"merchant":"Amber","oldest_generation":1}',
        b'{"v":1,"merchant":"amber","oldest_generation":true}',
        b'{"v":1,"merchant":"amber","oldest_generation":-1}',
    ],
    ids=["empty", "list", "version", "merchant", "boolean", "negative"],
)
def test_what_is_no_message_about_keys(value):
    with pytest.raises(BadShopKeys):
        read_shop_keys(value)
