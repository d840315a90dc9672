"""What the collector stands on and nothing else: `python -m bench.rivals.floor`. A body goes to the broker as it came."""

import asyncio
from typing import Any

from collector.producer import Broker
from contracts.settings import settings

_READY_PATH = "/ready"
_HEADERS = [("content-type", "application/json")]


class Floor:
    """Granian's server and the collector's producer: no key is checked, nothing is read, no envelope is made."""

    def __init__(self) -> None:
        self._broker = Broker(settings())

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._broker.open(loop)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        self._broker.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.path != _READY_PATH:
            await self._broker.deliver([bytes(await protocol())])
        protocol.response_bytes(200, _HEADERS, b'{"success":true}')


app = Floor()
