"""The collector, but it answers 2xx without waiting for the broker: what a test of the promise has to find out."""

from collections.abc import Sequence

from collector.app import app
from collector.producer import Broker
from contracts.names import Topic


async def deliver(self: Broker, values: Sequence[bytes]) -> None:
    for value in values:
        self._producer.produce(Topic.EVENTS, value)


Broker.deliver = deliver  # type: ignore[method-assign]
__all__ = ["app"]
