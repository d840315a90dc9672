import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_app.shown.masking import MOST_LINES, masked_lines, masked_name, masked_text


@pytest.mark.parametrize(
    "text",
    [
        "anna@berg.example",
        "+49 170 123 45 67",
        "4111-1111-1111-1111",
        "12345678",
        "call (030) 123456-7",
        "a 1.234.567 b",
    ],
)
def test_addresses_and_long_numbers_are_hidden(text):
    shown = masked_text(f"x {text} y")
    assert "•••" in shown
    assert not any(part in shown for part in ("anna", "berg", "234", "111", "567"))


@pytest.mark.parametrize("text", ["a lot", "12.50", "1,234.50", "EURO", "5/6/2026"])
def test_other_short_values_are_shown(text):
    assert masked_text(text) == text


def test_names_that_do_not_look_like_names_are_hidden():
    assert [
        masked_name(name) for name in ("order_id", "anna@berg.example", "Straße 5, Köln", "0170 12345678", "1")
    ] == [
        "order_id",
        "•••",
        "•••",
        "•••",
        "1",
    ]


def test_what_is_no_json_is_its_length():
    (line,) = masked_lines("Anna Berg, Lindenweg 5")
    assert (line.name, line.value) == ("not JSON", "22 characters")


def test_a_long_or_deep_message_is_cut():
    assert len(masked_lines(json.dumps({f"f{n}": n for n in range(500)}))) == MOST_LINES + 1
    deep = masked_lines('{"a":' * 500 + "1" + "}" * 500)
    assert deep[-1].value == "deeper"


SECRET = "Lindenweg"
NAMES = st.sampled_from(["street", "name", "email", "userId", "order_id", "note", "traits", "first name", "id"])


@given(
    st.recursive(
        st.just(SECRET), lambda x: st.lists(x, max_size=3) | st.dictionaries(NAMES, x, max_size=3), max_leaves=20
    )
)
def test_values_of_other_fields_never_show(value):
    assert SECRET not in "".join(line.name + line.value for line in masked_lines(json.dumps({"properties": value})))
