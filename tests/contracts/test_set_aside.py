import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.set_aside import DamagedCopy, Record, chunks_of, records_of

RECORDS = st.lists(
    st.builds(
        Record,
        st.integers(0, 2**31 - 1),
        st.integers(0, 2**63 - 1),
        st.integers(-1, 2**45),
        st.none() | st.binary(max_size=60),
    )
)


@given(RECORDS, st.integers(1, 200))
def test_what_was_packed_comes_back_byte_for_byte(records, most_bytes):
    chunks = list(chunks_of(records, most_bytes))
    assert [record for chunk in chunks for record in records_of(chunk.body, chunk.sha256)] == records
    assert sum(chunk.messages for chunk in chunks) == len(records)


def test_a_chunk_names_its_first_and_last_place():
    [chunk] = chunks_of([Record(0, 7, 1, b"a"), Record(0, 8, 1, None), Record(2, 1, 1, b"")])
    assert (chunk.first, chunk.last, chunk.messages) == ((0, 7), (2, 1), 3)


def test_null_is_not_empty():
    [chunk] = chunks_of([Record(0, 0, 0, None), Record(0, 1, 0, b"")])
    assert [record.value for record in records_of(chunk.body, chunk.sha256)] == [None, b""]


def test_a_changed_byte_is_noticed():
    [chunk] = chunks_of([Record(0, 0, 0, b"abc")])
    with pytest.raises(DamagedCopy):
        list(records_of(chunk.body[:-1] + b"x", chunk.sha256))
