"""Texts: what counts as given, and what is cut off; the same in Spark as in Python."""

import string

from hypothesis import given as drawn
from hypothesis import seed, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from spark_jobs.rules.texts import WHITESPACE, given, label, lower, stripped, upper
from tests.spark_jobs.samples import evaluated

RULES = {
    "given": given,
    "stripped": stripped,
    "label": lambda text: label(text, 5),
    "lower": lower,
    "upper": upper,
}


def in_spark(spark, texts):
    columns = {name: rule(F.col("text")) for name, rule in RULES.items()}
    return evaluated(spark, "text string", [(text,) for text in texts], columns)


def test_blank_texts_say_as_little_as_none(spark):
    found = in_spark(spark, [None, "", "   ", " a "])
    assert [row["given"] for row in found] == [None, None, None, " a "]
    assert [row["label"] for row in found] == [None, None, None, "a"]


def test_labels_are_stripped_and_then_cut(spark):
    found = in_spark(spark, ["\u3000\n café crème ", "\t\u2003 ", "🍵🍵🍵🍵🍵🍵"])
    assert [row["label"] for row in found] == ["café ", None, "🍵🍵🍵🍵🍵"]


def test_only_ascii_letters_change_case(spark):
    [row] = in_spark(spark, [string.ascii_letters + "ÄßıİΣ"])
    assert row["lower"] == string.ascii_lowercase * 2 + "ÄßıİΣ"
    assert row["upper"] == string.ascii_uppercase * 2 + "ÄßıİΣ"


@seed(20261124)
@settings(max_examples=2, deadline=None)
@drawn(st.lists(st.text(alphabet=st.sampled_from(WHITESPACE + "aZ.é🍵\u200b\ufeff\0"), max_size=12), min_size=100))
def test_whitespace_is_what_python_takes_off(spark, texts):
    assert [row["stripped"] for row in in_spark(spark, texts)] == [text.strip() for text in texts]


def test_whitespace_is_complete():
    assert set(WHITESPACE) == {chr(code) for code in range(0x110000) if chr(code).isspace()}
