"""The road: the running stack with what its tests need in hand."""

import pytest

from tests.road.roads import Road


@pytest.fixture(scope="session")
def road(running_stack):
    return Road.on(running_stack)
