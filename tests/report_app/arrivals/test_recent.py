"""The newest of each kind of key, however often and in whatever order the topic is read."""

from datetime import timedelta
from random import Random

from report_app.arrivals.recent import KEPT, SHOWN, Recent
from tests.report_app.arrivals.envelopes import RECEIVED, arrival


def made(count, kind="page", partitions=3):
    return [arrival(place=(n % partitions, n), at=RECEIVED + timedelta(seconds=n), key_kind=kind) for n in range(count)]


def test_the_newest_are_kept_whatever_the_order():
    arrivals = made(KEPT + 40)
    shuffled = arrivals * 2
    Random(7).shuffle(shuffled)
    recent = Recent()
    for one in shuffled:
        recent.add(one)
    assert recent.newest() == arrivals[::-1][:SHOWN]
    assert len(list(recent.all())) == KEPT


def test_a_busy_key_does_not_push_out_the_quiet_one():
    recent = Recent()
    quiet = made(2, "server", 1)
    for one in [*quiet, *made(KEPT * 2)]:
        recent.add(one)
    assert recent.newest("server") == quiet[::-1]
    assert {one.key_kind for one in recent.newest("page")} == {"page"}


def test_what_is_left_out_is_as_if_it_had_never_arrived():
    recent, arrivals = Recent(), made(4)
    for one in arrivals:
        recent.add(one)
    recent.leave_out(lambda one: one.place[1] % 2 == 0)
    assert recent.newest() == [arrivals[3], arrivals[1]]


def test_of_copies_the_first_received_counts():
    first, second = arrival(place=(0, 1)), arrival(place=(1, 1), at=RECEIVED + timedelta(seconds=1))
    recent = Recent()
    for one in (second, first, arrival({"messageId": "m-9"}, place=(0, 2))):
        recent.add(one)
    assert recent.first_of_copies()[first.copy_key] is first
