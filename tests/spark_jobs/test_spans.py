"""Offsets with holes: arithmetic against sets of offsets, which need none."""

from hypothesis import given
from hypothesis import strategies as st

from spark_jobs.catch_up_with_archive.spans import as_ranges, ends_of, messages_in, spans_of, without

_RANGE = st.tuples(st.integers(0, 12), st.integers(0, 6)).map(lambda found: [found[0], found[0] + found[1]])
RANGES = st.lists(st.dictionaries(st.sampled_from(["0", "1", "7"]), _RANGE), max_size=6)


def offsets(ranges):
    return {(int(p), offset) for one in ranges for p, (start, end) in one.items() for offset in range(start, end)}


@given(RANGES, RANGES)
def test_a_difference_holds_what_it_should_and_nothing_else(whole, taken):
    left = as_ranges(without(spans_of(whole), spans_of(taken)))
    assert offsets(left) == offsets(whole) - offsets(taken)
    assert sum(messages_in(one) for one in left) == len(offsets(left)), "no message is in two ranges"
    assert all(end > start for one in left for start, end in one.values())


def test_as_many_ranges_as_the_partition_with_most_holes_has():
    spans = spans_of([{"0": [0, 2]}, {"0": [4, 6]}, {"1": [3, 9]}])
    assert as_ranges(spans) == [{"0": [0, 2], "1": [3, 9]}, {"0": [4, 6]}]
    assert ends_of(as_ranges(spans)) == {"0": 6, "1": 9}
