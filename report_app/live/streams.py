"""One open stream: what waits to be sent to one page, and whether the stream is over."""

import asyncio
from collections import deque

from report_app.live.events import HEARTBEAT
from report_app.live.readers import Reader

MOST_WAITING = 64


class Stream:
    """Made and used on the event loop."""

    def __init__(self, reader: Reader, merchant: str) -> None:
        self.reader = reader
        self.merchant = merchant
        self.over = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._has_news = asyncio.Event()

    def offer(self, text: bytes) -> None:
        """Never waits. A page that does not read what is sent loses its stream, and comes again."""
        if len(self._waiting) == MOST_WAITING:
            self.over.set()
            return
        self._waiting.append(text)
        self._has_news.set()

    async def take(self, seconds: float) -> bytes:
        """All that waits; a heartbeat where nothing came for so long."""
        try:
            await asyncio.wait_for(self._has_news.wait(), seconds)
        except TimeoutError:
            return HEARTBEAT
        text = b"".join(self._waiting)
        self._waiting.clear()
        self._has_news.clear()
        return text
