"""Who is forgotten is known by keyed hashes alone; a receipt cannot be changed."""

import json

import pytest

from contracts.erasures import Receipt, UnknownSecret, erased_ids, forgotten_of, is_signed, signed
from contracts.person_ids import IdKind, PersonId, id_key

OLD, NEW = b"1" * 16, b"2" * 16
SECRETS = {"e2": NEW, "e1": OLD}
ANNA, BERT = PersonId(IdKind.ANONYMOUS, "anna"), PersonId(IdKind.USER, "bert")
RECEIPT = Receipt(
    erasure="lamps/1",
    merchant="lamps",
    ordered_at="2026-11-24T10:00:00Z",
    done_at="2026-11-24T11:00:00Z",
    ids={"anonymous": 1},
    removed=[{"store": "archive", "what": "rows", "count": 7, "at": "2026-11-24T10:30:00Z"}],
    kafka={"footfall.events.v1": "2026-12-01T10:30:00Z"},
    left=[],
    key="e2",
)


def erasure(*ids, merchant="lamps", key="e2"):
    hashes = erased_ids(id_key(SECRETS[key], merchant), ids, is_named=True)
    return {"merchant": merchant, "key": key, "ids": hashes}


def test_the_forgotten_are_known_and_nobody_else():
    forgotten = forgotten_of([erasure(ANNA), erasure(BERT, key="e1")], SECRETS)
    assert forgotten.has("lamps", [ANNA]) and forgotten.has("lamps", [BERT])
    assert not forgotten.has("lamps", [PersonId(IdKind.USER, "anna")])
    assert not forgotten.has("teas", [ANNA])
    assert not forgotten.has("lamps", [])


def test_a_document_says_nothing_of_the_ids():
    assert "anna" not in json.dumps(erasure(ANNA))


def test_nobody_is_forgotten_without_documents():
    assert not forgotten_of([], {})


def test_ids_of_messages_are_known_too():
    of_message = PersonId(IdKind.MESSAGE, "m1")
    [hash_] = erased_ids(id_key(NEW, "lamps"), [of_message], is_named=False)
    assert forgotten_of([erasure(ANNA) | {"messages": [hash_["hash"]]}], SECRETS).has("lamps", [of_message])


def test_a_secret_that_is_gone_is_named():
    with pytest.raises(UnknownSecret, match="e1"):
        forgotten_of([erasure(ANNA, key="e1")], {"e2": NEW})


def test_a_receipt_is_ours_as_long_as_nobody_changes_it():
    receipt = signed(RECEIPT, NEW)
    assert is_signed(json.loads(json.dumps(receipt)), SECRETS)
    assert not is_signed(receipt | {"done_at": "2026-11-24T11:00:01Z"}, SECRETS)
    assert not is_signed(receipt | {"key": "e1"}, SECRETS)
    assert not is_signed(receipt | {"ids": {}}, SECRETS)


@pytest.mark.parametrize(
    "strange", [{}, {"key": "e2"}, {"key": [], "signature": ""}, RECEIPT, RECEIPT | {"signature": 1.5}]
)
def test_strange_receipts_are_not_ours(strange):
    assert not is_signed(strange, SECRETS)
