"""Waiting with a bound."""

import asyncio

import pytest

from collector.within import within
from tests.loops import told


async def value_of(waiting: asyncio.Future[int]) -> int:
    return await waiting


def test_what_comes_in_time_is_returned():
    assert told(within(60, asyncio.sleep(0, "found"))) == "found"


def test_what_does_not_come_is_cancelled_and_the_task_goes_on():
    async def late() -> bool:
        waiting = asyncio.get_running_loop().create_future()
        with pytest.raises(TimeoutError):
            await within(0.01, value_of(waiting))
        await asyncio.sleep(0)
        return waiting.cancelled()

    assert told(late())


def test_who_is_cancelled_from_outside_is_not_late():
    async def cancelled() -> None:
        task = asyncio.ensure_future(within(60, value_of(asyncio.get_running_loop().create_future())))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    told(cancelled())
