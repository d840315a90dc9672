"""What the collector stands on and nothing else: `python -m bench.rivals.floor`. A body goes to the broker as it came."""

from typing import Any

from collector.__main__ import main
from collector.answers import ACCEPTED, Answer
from collector.process import Process
from collector.producer import Broker
from collector.serving.request import Request
from contracts.settings import Settings

_READY_PATH = "/ready"


class Floor:
    """The collector's server and producer: no key is checked, nothing is read, no envelope is made."""

    def __init__(self, settings: Settings, _: Process) -> None:
        self._broker = Broker(settings)

    def open(self, loop: Any) -> None:
        self._broker.open(loop)

    def close(self) -> None:
        self._broker.close()

    def head(self, request: Request) -> Answer | None:
        request.keeps_body = True
        return ACCEPTED if request.path == _READY_PATH else None

    def take(self, request: Request) -> None:
        if request.ready_answer:
            request.answer(request.ready_answer)
        else:
            self._broker.deliver([request.body], lambda _: request.answer(ACCEPTED))

    def too_slow(self, request: Request) -> None: ...

    def lost(self, request: Request) -> None: ...


if __name__ == "__main__":
    main(Floor)
