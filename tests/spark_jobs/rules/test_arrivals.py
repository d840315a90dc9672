"""Arrivals: one row a message in the archive's columns, whatever the bytes."""

import json
import random
from pathlib import Path

from contracts import messages
from contracts.archive import COLUMNS
from tests.spark_jobs.samples import envelope, message, order, track

GOLDEN = sorted((Path(messages.__file__).parent / "golden" / "envelope").glob("*/*.json"))
WORDS = [
    "NaN",
    "-1",
    "1e999",
    "null",
    "[]",
    "{}",
    '""',
    '"\\ud83d"',
    "true",
    "1" * 2000,
    "[" * 1500,
    '"' + "x" * 9000 + '"',
    "\0",
]
FUZZED = 300


def sources():
    rich = order(total=1, tax="2", products=[{"product_id": "a", "price": 1, "quantity": 2}], currency="EUR")
    contents = [message(), rich, track("Product Added", properties={"product_id": "a", "quantity": "2"})]
    whole = [envelope(content, context='{"library":{"name":"footfall.js"}}', user_agent="x") for content in contents]
    return [*whole, *[json.dumps(json.loads(path.read_text())).encode() for path in GOLDEN]]


def mutated(source, chance):
    """The bytes with some cut out, doubled, exchanged or made to something else."""
    kind = chance.randrange(6)
    place, end = sorted(chance.randrange(len(source) + 1) for _ in range(2))
    if kind == 0:
        return source[:place]
    if kind == 1:
        return source[:place] + source[min(end, place + 20) :]
    if kind == 2:
        return source[:place] + bytes(chance.randrange(256) for _ in range(chance.randrange(1, 6))) + source[place:]
    if kind == 3:
        return source[:place] + source[place:end] * 2 + source[end:]
    return with_another_value(source, chance)


def with_another_value(source, chance):
    """Somewhere in the message a value is replaced by a strange one, as JSON in JSON."""
    outer = json.loads(source)
    if not isinstance(outer.get("message"), str) or chance.random() < 0.2:
        outer[chance.choice(list(outer))] = chance.choice([None, "", "x", [], {}, 7, True, {"a": "b"}])
        return json.dumps(outer).encode()
    text = outer["message"]
    starts = [place + 1 for place, character in enumerate(text) if character in ":[,"] or [0]
    start = chance.choice(starts)
    end = min([place for place in (text.find(mark, start) for mark in ",}]") if place >= 0] or [len(text)])
    outer["message"] = text[:start] + chance.choice(WORDS) + text[end:]
    return json.dumps(outer).encode()


CHANCE = random.Random(20261124)
SOURCES = sources()
VALUES = {f"fuzzed {number}": mutated(CHANCE.choice(SOURCES), CHANCE) for number in range(FUZZED)}


def test_every_value_is_one_row_with_its_bytes(rows):
    assert len({row["offset"] for row in rows.values()}) == len(rows) == FUZZED
    for name, row in rows.items():
        if row["outcome"] == "rejected":
            assert row["code"] and row["envelope"] == VALUES[name]
        else:
            assert row["code"] is None and row["envelope"] is None
            content = json.loads(VALUES[name].decode(errors="replace"))["message"]
            assert row["original"].decode() == content or json.loads(row["original"]) == content


def test_every_row_has_what_reports_need(rows):
    for row in rows.values():
        assert row["envelope_id"] and row["merchant"] is not None and row["event_time"] and row["received_at"]
        assert row["is_bot"] in (True, False) and row["is_returned"] in (True, False) and row["flags"] is not None
        assert row["outcome"] == "rejected" or (row["message_id"] and row["type"])


def test_the_bytes_are_of_many_kinds(rows):
    codes = {row["code"] for row in rows.values()}
    assert {None, "bad_envelope", "bad_json", "unknown_type", "bad_time", "bad_amount", "bad_properties"} <= codes


def test_the_columns_are_the_archives(rows):
    assert {tuple(row) for row in rows.values()} == {tuple(name for name, _ in COLUMNS)}


def test_the_place_of_a_message_is_kept(rows):
    assert {(row["batch"], row["partition"]) for row in rows.values()} == {(7, 3)}
