"""A bound on the time that something takes, as `asyncio.timeout` is one, for what is done thousands of times a second."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_Found = TypeVar("_Found")


async def within(seconds: float, waiting: Coroutine[Any, Any, _Found]) -> _Found:
    """What `waiting` returns; it is cancelled when its time is up. Raises TimeoutError."""
    task = asyncio.current_task()
    assert task is not None
    is_late = False

    def give_up() -> None:
        nonlocal is_late
        is_late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        return await waiting
    except asyncio.CancelledError:
        if is_late and task.uncancel() == 0:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
