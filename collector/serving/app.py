"""What is served: whatever answers requests."""

from typing import Any, Protocol

from collector.answers import Answer
from collector.serving.request import Request


class App(Protocol):
    """What the server serves. All but `open` and `close` is called from the event loop and does not wait."""

    def open(self, loop: Any) -> None:
        """Called from another thread; may wait."""

    def close(self) -> None:
        """Called from another thread, once every request that it took is answered; may wait."""

    def head(self, request: Request) -> Answer | None:
        """The answer, where the body does not matter: it becomes the request's `ready_answer`."""

    def take(self, request: Request) -> None:
        """The request is there, or as much of it as matters: `request.answer` is called, now or later."""

    def too_slow(self, request: Request) -> None:
        """The body did not come in time: `request.answer` is called."""

    def lost(self, request: Request) -> None:
        """The client has gone before the request was there."""
