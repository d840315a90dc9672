"""`python -m tests.collector.fire_and_forget`: a collector that answers 2xx without waiting for the broker: what a test of the
promise has to find out. Served as the real one is.
"""

from collections.abc import Callable, Sequence

from collector.__main__ import main
from collector.producer import Broker
from contracts.names import Topic


def deliver(self: Broker, values: Sequence[bytes], done: Callable[[bool], object]) -> None:
    for value in values:
        self._producer.produce(Topic.EVENTS, value)
    done(True)


if __name__ == "__main__":
    Broker.deliver = deliver  # type: ignore[method-assign]
    main()
