"""What is left of documents when people are forgotten: theirs go whole, others' stay as they are."""

import base64
import json

from contracts.erasures import FORGOTTEN_VALUE, erased_ids, forgotten_of
from contracts.held import blanked, is_of_forgotten, without
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId, id_key
from contracts.set_aside import Record, chunks_of, records_of

SECRETS = {"e1": b"1" * 16}
ANNA = PersonId(IdKind.ANONYMOUS, "anna")
IDS = [ANNA, PersonId(IdKind.USER, "u7"), PersonId(IdKind.ORDER, "1001"), PersonId(IdKind.MESSAGE, "m1")]
FORGOTTEN = forgotten_of(
    [{"merchant": "lamps", "key": "e1", "ids": erased_ids(id_key(SECRETS["e1"], "lamps"), IDS, is_named=True)}], SECRETS
)


def envelope(message, merchant="lamps", **overrides):
    text = message if isinstance(message, str | None) else json.dumps(message)
    return json.dumps({"v": 1, "merchant": merchant, "message": text} | overrides).encode()


def order(order_id="1002", merchant="lamps", **event):
    return {"merchant": merchant, "order_id": order_id, "events": [{"anonymous_id": None, "user_id": None} | event]}


def failure(message, **overrides):
    original = json.dumps(message).encode()
    document = {"merchant": "lamps", "original": original, "envelope": envelope(message), "attempts": []}
    return document | overrides


def is_gone(collection, document):
    return without(collection, document, FORGOTTEN) is None


def test_orders():
    assert is_gone(Collection.ORDERS, order(anonymous_id="anna"))
    assert is_gone(Collection.ORDERS, order(user_id=" u7 "))
    assert is_gone(Collection.ORDERS, order(order_id="1001"))
    assert not is_gone(Collection.ORDERS, order(anonymous_id="bert"))
    assert not is_gone(Collection.ORDERS, order(order_id=None))
    assert not is_gone(Collection.ORDERS, order(order_id="1001", merchant="teas"))


def test_an_order_of_several_people_keeps_the_events_of_the_others():
    bert = {"anonymous_id": "bert", "user_id": None}
    both = order(anonymous_id="anna")
    both["events"].append(bert)
    assert without(Collection.ORDERS, both, FORGOTTEN) == both | {"events": [bert]}


def test_errors():
    assert is_gone(Collection.FAILED_EVENTS, failure({"anonymousId": "anna"}))
    assert is_gone(Collection.FAILED_EVENTS, failure({"properties": {"order_id": 1001}}))
    assert is_gone(Collection.FAILED_EVENTS, failure('{"userId": "u7"'))
    assert not is_gone(Collection.FAILED_EVENTS, failure({"anonymousId": "bert", "properties": {"x": "anna"}}))
    assert not is_gone(Collection.FAILED_EVENTS, failure({"anonymousId": "anna"}, merchant=None))


def test_an_error_whose_copy_alone_can_be_read():
    repaired = [{"attempt": 1, "message": '{"anonymousId": "anna"}'}]
    assert is_gone(Collection.FAILED_EVENTS, {"merchant": "lamps", "is_slim": True, "attempts": repaired})
    assert not is_gone(Collection.FAILED_EVENTS, {"merchant": "lamps", "is_slim": True, "attempts": []})


def test_times_that_were_decided():
    assert is_gone(Collection.ASSIGNED_TIMES, {"merchant": "lamps", "message_id": "m1"})
    assert not is_gone(Collection.ASSIGNED_TIMES, {"merchant": "lamps", "message_id": "anna"})


def test_messages_of_the_topic():
    assert is_of_forgotten(envelope({"userId": "u7"}), FORGOTTEN)
    raw = base64.b64encode(b'{"batch": [{"userId": "u7"}').decode()
    assert is_of_forgotten(envelope(None, source={"raw": raw}), FORGOTTEN)
    assert not is_of_forgotten(envelope({"userId": "u7"}, merchant="teas"), FORGOTTEN)
    assert not is_of_forgotten(b'{"userId": "u7"}', FORGOTTEN)
    assert not is_of_forgotten(None, FORGOTTEN)


def test_a_copy_keeps_every_place_and_every_other_message():
    others = [Record(0, 7, 5, envelope({"userId": "u8"})), Record(0, 9, 6, None), Record(1, 2, 6, b"\xff")]
    hers = Record(0, 8, 5, envelope({"userId": "u7"}))
    [chunk] = chunks_of([others[0], hers, *others[1:]])
    document = {"_id": "1/0", "sha256": chunk.sha256, "body": chunk.body}
    left = without(Collection.SET_ASIDE, document, FORGOTTEN)
    assert list(records_of(left["body"], left["sha256"])) == [
        others[0], Record(0, 8, 5, FORGOTTEN_VALUE), *others[1:]
    ]  # fmt: skip
    assert without(Collection.SET_ASIDE, left, FORGOTTEN) is left


def test_the_place_of_a_forgotten_message_stays():
    assert blanked(Record(3, 4, 5, envelope({"anonymousId": "anna"})), FORGOTTEN) == Record(3, 4, 5, FORGOTTEN_VALUE)


def test_other_collections_are_left_alone():
    document = {"_id": "anna", "merchant": "lamps"}
    assert without(Collection.REPORTS, document, FORGOTTEN) is document
