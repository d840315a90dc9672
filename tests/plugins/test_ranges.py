import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall_airflow.ranges import LostRange, Position, TopicState, cut, unread

TOPIC = TopicState("events", "id-1", lows={0: 0, 1: 5}, ends={0: 10, 1: 9})


def test_first_batch_starts_at_the_oldest_message_kept():
    assert Position(0, None, {}).starts(TOPIC) == {0: 0, 1: 5}


def test_next_batch_starts_where_the_last_ended():
    assert Position(3, "id-1", {0: 7, 1: 9}).starts(TOPIC) == {0: 7, 1: 9}


def test_partition_added_later_starts_at_its_oldest_message():
    assert Position(3, "id-1", {0: 7}).starts(TOPIC) == {0: 7, 1: 5}


def test_messages_that_kafka_dropped_unread_are_named():
    with pytest.raises(LostRange, match=r"partition 1: the messages 2 to 4 were never read.*accept-loss"):
        Position(3, "id-1", {0: 7, 1: 2}).starts(TOPIC)


def test_topic_that_ends_before_the_ledger_is_refused():
    with pytest.raises(LostRange, match="batch 3 ends at 12, but the topic ends at 10"):
        Position(3, "id-1", {0: 12, 1: 9}).starts(TOPIC)


def test_topic_made_anew_is_refused():
    with pytest.raises(LostRange, match="made anew: its id is id-1, batch 3 read it as id-0"):
        Position(3, "id-0", {0: 0, 1: 5}).starts(TOPIC)


def test_room_is_shared_fairly():
    assert cut({0: 0, 1: 0, 2: 0}, {0: 100, 1: 2, 2: 100}, most=20) == {0: 9, 1: 2, 2: 9}


BACKLOGS = st.dictionaries(st.integers(0, 9), st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1)


@given(BACKLOGS, st.integers(1, 200))
def test_a_batch_is_as_large_as_it_may_be(backlogs, most):
    starts = {partition: start for partition, (start, _) in backlogs.items()}
    ends = {partition: start + more for partition, (start, more) in backlogs.items()}
    cuts = cut(starts, ends, most)
    assert all(starts[partition] <= cuts[partition] <= ends[partition] for partition in starts)
    assert unread(starts, cuts) == min(most, unread(starts, ends))
