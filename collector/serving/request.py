"""A request as the doors see it."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from collector.answers import Answer
from collector.sender import Addresses
from contracts.keys import WriteKey


class Headers:
    """`raw` has names in lower case."""

    __slots__ = ("_raw",)

    def __init__(self, raw: dict[bytes, bytes]) -> None:
        self._raw = raw

    def get(self, name: str) -> str | None:
        """`name` in lower case. What is not UTF-8 is replaced."""
        value = self._raw.get(name.encode())
        return None if value is None else value.decode(errors="replace")


class Request:
    """`path` and `query` as they came, `client` the address of the connection, `began` by `time.perf_counter`.

    The app that looks at the head says whether the body is kept and sets memory aside for it (`held` bytes). It may note the door's
    name, the key, the sender, and how an app takes the request (`taking`). Of a body over the limit only the first part is there (`is_cut`).
    """

    __slots__ = (
        "_answer",
        "began",
        "body",
        "client",
        "door_name",
        "headers",
        "held",
        "is_cut",
        "is_whole",
        "keeps_body",
        "key",
        "method",
        "path",
        "query",
        "ready_answer",
        "sender",
        "stays_open",
        "taking",
    )

    def __init__(
        self,
        method: str,
        target: str,
        headers: Headers,
        client: str,
        answer: "Callable[[Request, Answer], None]",
        stays_open: bool = True,
    ) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.client = client
        self.stays_open = stays_open
        self.began = perf_counter()
        self.body = b""
        self.sender: Addresses | None = None
        self.taking: Callable[[Any, Request], None] = _not
        self.door_name = "other"
        self.key: WriteKey | None = None
        self.held = 0
        self.keeps_body = self.is_whole = self.is_cut = False
        self.ready_answer: Answer | None = None
        self._answer = answer

    def answer(self, answer: Answer) -> None:
        """Once, from the event loop. Where the client has gone nobody hears it."""
        self._answer(self, answer)


def _not(_: Any, __: Request) -> None:
    """Of a request that is answered by its head."""
