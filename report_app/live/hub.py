"""All open streams of this process: how many there may be, who hears what, and when they end."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable

from pymongo.errors import PyMongoError

from report_app.live.events import Ready
from report_app.live.readers import Door, Reader
from report_app.live.streams import Stream

log = logging.getLogger("report_app.live")


class TooMany(Exception):
    """The user has as many streams as one user may have."""


class Full(Exception):
    """The process has as many streams as it may have."""


class Hub:
    """Used on the event loop only; it asks the database in a thread."""

    def __init__(self, door: Door, most: int, most_per_user: int) -> None:
        self._door = door
        self._most = most
        self._most_per_user = most_per_user
        self._streams: set[Stream] = set()
        self._by_user: Counter[str] = Counter()

    def open(self, reader: Reader, merchant: str) -> Stream:
        """Raises TooMany or Full."""
        if self._by_user[reader.email] >= self._most_per_user:
            raise TooMany
        if len(self._streams) >= self._most:
            raise Full
        stream = Stream(reader, merchant)
        self._streams.add(stream)
        self._by_user[reader.email] += 1
        return stream

    def close(self, stream: Stream) -> None:
        self._streams.remove(stream)
        self._by_user[stream.reader.email] -= 1
        self._by_user += Counter()  # forgets users without a stream

    async def tell(self, ready: Ready) -> None:
        """Tells the shop's pages, those whose session still holds."""
        for stream in await self._checked([stream for stream in self._streams if stream.merchant == ready.merchant]):
            stream.offer(ready.text)

    async def check_for_ever(self, every_seconds: float) -> None:
        """Ends streams whose session has ended, also while nothing is ready."""
        while True:
            await asyncio.sleep(every_seconds)
            await self._checked(list(self._streams))

    async def _checked(self, streams: list[Stream]) -> Iterable[Stream]:
        """Those that go on; the others are over. What cannot be checked ends: its page polls until it can."""
        if not streams:
            return []
        try:
            shops = await asyncio.to_thread(self._door.shops, {stream.reader for stream in streams})
        except PyMongoError as error:
            log.error("database away: %s; %d streams end", type(error).__name__, len(streams))
            shops = {}
        going_on = [stream for stream in streams if stream.merchant in shops.get(stream.reader, ())]
        for stream in set(streams) - set(going_on):
            stream.over.set()
        return going_on
