"""Coroutines in tests."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def told(story):
    """What the coroutine answers. It runs in a thread: Playwright keeps a loop of its own in the tests' thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()
