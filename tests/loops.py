"""Coroutines in tests. Playwright keeps a loop of its own in the tests' thread, so another one needs another thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def told(story):
    """What the coroutine answers."""
    return beside(asyncio.run, story)


def beside(function, *arguments):
    """What the function answers in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments).result()
