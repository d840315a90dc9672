"""A message is written as it was read."""

import json

from hypothesis import given
from hypothesis import strategies as st

from repairs.json_text import read_value, written


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_json_text_comes_out_as_it_went_in(value):
    assert json.loads(written(read_value(json.dumps(value)))) == value
