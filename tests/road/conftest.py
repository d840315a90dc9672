"""The road: the running stack with what its tests need in hand, and the traffic that several of them look at."""

import pytest

from tests.road.roads import Road
from tests.road.waves import FirstWave, SecondWave


@pytest.fixture(scope="session")
def road(running_stack):
    return Road.on(running_stack)


@pytest.fixture(scope="session")
def first_wave(road):
    """What several modules send, as one batch for all of them: each batch costs half a minute."""
    return FirstWave.sent_on(road)


@pytest.fixture(scope="session")
def second_wave(road, first_wave):
    """What became of it, as one more batch."""
    return SecondWave.sent_on(road, first_wave)
