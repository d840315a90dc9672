"""process_events is killed between any two of its writes: afterwards the numbers are those of an undisturbed run."""

from contextlib import ExitStack

import pytest

from contracts.reports import Family
from tests.road.agreement import assert_reports_are_right
from tests.road.gates import Gate
from tests.road.shops import HOUR_FAMILIES
from tests.road.twins import ALONE, NOON

pytestmark = pytest.mark.stack
IN_TURN = (("before_orders", "driver"), ("before_reports", "worker"))


@pytest.fixture(scope="module")
def twins(second_wave):
    return second_wave.first.twins


def test_an_undisturbed_run_is_right(twins):
    assert_reports_are_right(twins.undisturbed)


def test_an_order_moves_to_its_earlier_home(twins):
    sales = twins.undisturbed.hours(Family.SALES)
    by_hour = {key: (hour["orders"], hour["converted"]["sales"]) for key, hour in sales.items()}
    home, former = NOON.strftime("%Y-%m-%dT12:00Z"), NOON.strftime("%Y-%m-%dT14:00Z")
    assert by_hour[home] == (2, 7_000 + 5_997)
    assert by_hour.get(former, (0, 0)) == (0, 0)


def test_a_run_killed_at_two_places_in_turn_ends_with_the_same_numbers(road, twins):
    shop = twins.disturbed["in", "turn"]
    with ExitStack() as stack:
        gates = [stack.enter_context(Gate(road.pause_folder, checkpoint)) for checkpoint, _ in IN_TURN]
        twins.send_second(shop)
        for gate, (_, victim) in zip(gates, IN_TURN, strict=True):
            gate.wait_reached()
            batch = road.open_batch()
            road.kill(victim, batch)
            gate.open()
    road.wait(180)
    twins.assert_alike(shop)
    assert road.attempts(batch) >= 1 + len(IN_TURN)


@pytest.mark.long
@pytest.mark.parametrize(("checkpoint", "victim"), ALONE)
def test_a_killed_run_ends_with_the_same_numbers(road, twins, checkpoint, victim):
    shop = twins.disturbed[checkpoint, victim]
    with Gate(road.pause_folder, checkpoint) as gate:
        twins.send_second(shop)
        gate.wait_reached()
        batch = road.open_batch()
        road.kill(victim, batch)
    road.wait(120)
    twins.assert_alike(shop)
    assert road.attempts(batch) > 1


@pytest.mark.long
def test_a_stale_attempt_that_wakes_up_later_changes_nothing(road, twins):
    shop = twins.disturbed["stale", "one"]
    with Gate(road.pause_folder, "before_reports") as gate:
        twins.send_second(shop)
        gate.wait_reached()
        batch = road.open_batch()
        assert road.run_job_by_hand(batch) == 0
        finished = shop.numbers(HOUR_FAMILIES)
    road.wait(120)
    assert shop.numbers(HOUR_FAMILIES) == finished
    twins.assert_alike(shop)
