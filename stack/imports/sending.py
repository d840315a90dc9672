"""A plain client of the collector's `/v1/batch`: paced, and patient when the collector asks for it."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

_LATER = {408, 429, 500, 502, 503, 504}
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 15.0
REQUEST_BYTES = 400 * 1024
REQUEST_MESSAGES = 500


class SendingStopped(RuntimeError):
    """The collector refused, or was away for too long; the message says what to do."""


class Pace:
    """Keeps a stream at `per_second`; with None it never waits."""

    def __init__(self, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._next = clock()

    def seconds_to_wait(self, count: int) -> float:
        """How long to wait before `count` more may go; they are booked as gone."""
        if self._per_second is None:
            return 0.0
        now = self._clock()
        start = max(now, self._next)
        self._next = start + count / self._per_second
        return start - now


class Door:
    """Sends batches with one write key; `patience_seconds` is how long it keeps trying when the collector is away."""

    def __init__(self, url: str, key: str, patience_seconds: float = 300.0) -> None:
        self._url = f"{url.rstrip('/')}/v1/batch"
        self._session = requests.Session()
        self._session.auth = (key, "")
        self._patience_seconds = patience_seconds
        self.retries = 0

    def send(self, messages: Sequence[dict[str, Any]], **body: Any) -> None:
        """Returns when the collector has acknowledged the batch; `body` holds fields beside it, such as sentAt.

        Raises SendingStopped.
        """
        self.send_bytes(json.dumps({"batch": list(messages), **body}, ensure_ascii=False).encode())

    def send_bytes(self, content: bytes, headers: dict[str, str] | None = None) -> None:
        """The same for a body that is already bytes."""
        deadline, wait = time.monotonic() + self._patience_seconds, _FIRST_WAIT_SECONDS
        while True:
            answer, problem = self._post(content, headers or {})
            if answer is not None and answer.ok:
                return
            if answer is not None and answer.status_code not in _LATER:
                raise SendingStopped(_refusal(answer))
            if time.monotonic() > deadline:
                raise SendingStopped(f"The collector was away for {self._patience_seconds:.0f} s ({problem}). {_AGAIN}")
            self.retries += 1
            time.sleep(_asked_wait(answer) or wait)
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)

    def _post(self, content: bytes, headers: dict[str, str]) -> tuple[requests.Response | None, str]:
        try:
            answer = self._session.post(
                self._url, data=content, headers={"content-type": "application/json"} | headers, timeout=60
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return None, type(error).__name__
        return answer, f"status {answer.status_code}"


_AGAIN = "Run the same command again later: what was sent already counts once."


def _asked_wait(answer: requests.Response | None) -> float | None:
    text = "" if answer is None else answer.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT_SECONDS) if text.isdigit() else None


def _refusal(answer: requests.Response) -> str:
    if answer.status_code == 401:
        return f"The collector does not accept the key: {_sentence(answer)}"
    return f"The collector refused a batch with status {answer.status_code}: {_sentence(answer)}"


def _sentence(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "it gave no reason."


def split(messages: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The messages in batches that a request may hold."""
    batches: list[list[dict[str, Any]]] = []
    size = REQUEST_BYTES
    for message in messages:
        length = len(json.dumps(message, ensure_ascii=False).encode()) + 2
        if size + length > REQUEST_BYTES or len(batches[-1]) == REQUEST_MESSAGES:
            batches.append([])
            size = 0
        batches[-1].append(message)
        size += length
    return batches
