"""Ids of people in rows are those that everybody else finds in the messages, and their hashes are the same."""

import json

import pytest
from pyspark.sql import functions as F

from contracts.erasures import FORGOTTEN_VALUE, erased_ids, forgotten_of
from contracts.person_ids import NO_IDS, IdKind, PersonId, hashed, id_key, ids_in_text, normal
from spark_jobs.forgotten import without_forgotten
from spark_jobs.rules import person_ids
from spark_jobs.rules.person_ids import PADS, hash_of, is_marker, pads_of, said_ids
from spark_jobs.rules.texts import WHITESPACE
from tests.spark_jobs.samples import (
    archive_rows,
    archived,
    arrivals,
    arrivals_by_name,
    envelope,
    evaluated,
    message,
    order,
)

SECRETS = {"e1": b"1" * 16, "e2": b"2" * 20}
TEXTS = {
    "page": message(anonymousId=" v-7 ", userId="u 7"),
    "number": message(userId=1001),
    "order": order(order_id=1001),
    "bad order": order(total="a lot", revenue=None),
    "alias": message(type="alias", previousId="before", userId="after"),
    "cookieless": message(anonymousId=None),
    "broken": '{"anonymousId": "v-7", "userId": "anna may", ',
    "list": '["v-7", "u:7", 12.5]',
    "text": '"v-7"',
    "form": "anonymousId=v-7&userId=u7",
    "guest": message(userId="0", anonymousId="undefined"),
    "bad guest": order(order_id="0", revenue="a lot"),
    "broken guest": '{"anonymousId": "null", "userId": "0", undefined',
    "nothing": "",
    "brackets": "[" * 2_000,
    "quotes": '"' * 3_000,
    "long": '{"a": "' + "x" * 60_000,
}


@pytest.fixture(scope="module")
def rows(spark):
    """An archived row of each text."""
    return arrivals_by_name(spark, {name: envelope(text) for name, text in TEXTS.items()})


@pytest.fixture(scope="module")
def said(spark, rows):
    """What Spark finds in each of the rows."""
    schema = "outcome string, type string, anonymous_id string, user_id string, `order` struct<order_id: string>, original binary"
    values = [
        (
            row["outcome"], row["type"], row["anonymous_id"], row["user_id"],
            row["order"] and {"order_id": row["order"]["order_id"]}, row["original"],
        )
        for row in rows.values()
    ]  # fmt: skip
    found = evaluated(spark, schema, values, {"said": said_ids()})
    return {name: set(row["said"]) for name, row in zip(rows, found, strict=True)}


@pytest.mark.parametrize("name", TEXTS)
def test_both_find_the_same_ids(said, name):
    text = TEXTS[name] if isinstance(TEXTS[name], str) else json.dumps(TEXTS[name])
    known = {f"{kind}/{value}" for kind, value in ids_in_text(text)}
    assert said[name] == known


@pytest.fixture(scope="module")
def agreed(spark):
    """What each of many texts is as an id, to Spark: whoever has none sends one of `NO_IDS` in some guise."""
    guises = [str, str.upper, str.title, str.swapcase, lambda one: one * 2, lambda one: one[:-1], lambda one: f"x{one}"]
    words = [guise(one) for one in sorted(NO_IDS) for guise in guises]
    words += [
        "",
        "ſ",
        "İ",
        "ｎull",
        "nul\u0307l",
        "nu\x00ll",
        "\x00",
        "ＮＵＬＬ",
        "UNDEFİNED",
        "undefıned",
        "00",
        "０",
        "-0",
        "v-7",
    ]
    words += [sign * length for sign in ("x", "é", "😀") for length in (255, 256, 511, 512, 513)]
    texts = [pad + word + pad for word in words for pad in ("", *WHITESPACE, "\u200b", "\ufeff", "\u180e", "\x00")]
    found = evaluated(spark, "text string", [(text,) for text in texts], {"id": person_ids.normal(F.col("text"))})
    return [(text, row["id"]) for text, row in zip(texts, found, strict=True)]


def test_both_take_the_same_texts_for_ids(agreed):
    assert [(text, one) for text, one in agreed if one != normal(text)] == []
    assert {one is None for _, one in agreed} == {True, False}


def test_both_make_the_same_hashes(spark):
    key = id_key(SECRETS["e1"], "amber")
    values = ["v-7", "Müller", "日本", "x" * 200, "\U0001f600"]
    hashes = evaluated(
        spark,
        f"said string, {PADS}",
        [(f"user/{one}", *pads_of(key)) for one in values],
        {"hash": hash_of(F.col("said"))},
    )
    assert [row["hash"] for row in hashes] == [hashed(key, PersonId(IdKind.USER, one)) for one in values]


def forgotten(*ids, merchant="amber", key="e1"):
    hashes = erased_ids(id_key(SECRETS[key], merchant), ids, is_named=True)
    return {"merchant": merchant, "key": key, "ids": hashes}


def test_rows_of_forgotten_people_are_left_out_and_no_others(spark):
    made = [
        archived("hers", offset=1, anonymous_id="v-7"),
        archived("her user", offset=2, anonymous_id="v-8", user_id="u7"),
        archived("another", offset=3, anonymous_id="v-9"),
        archived("another shop", offset=4, merchant="open", anonymous_id="v-7"),
        archived("rejected", offset=5, outcome="rejected", anonymous_id=None, original=b'{"userId": "u7"'),
        archived("cookieless", offset=6, anonymous_id=None),
    ]
    rows = archive_rows(spark, made)
    known = forgotten_of(
        [forgotten(PersonId(IdKind.ANONYMOUS, "v-7")), forgotten(PersonId(IdKind.USER, "u7"), key="e2")], SECRETS
    )
    left, count = without_forgotten(spark, rows, known)
    assert count == 3
    assert sorted(row["offset"] for row in left.toArrow().to_pylist()) == [3, 4, 6]
    assert left.columns == rows.columns
    assert without_forgotten(spark, rows, forgotten_of([], SECRETS)) == (rows, 0)


def test_the_marker_of_a_copy_is_known(spark):
    [marked, other] = arrivals(spark, [FORGOTTEN_VALUE, envelope()])
    found = evaluated(
        spark, "original binary", [(marked["original"],), (other["original"],)], {"is_marker": is_marker()}
    )
    assert [row["is_marker"] for row in found] == [True, False]
