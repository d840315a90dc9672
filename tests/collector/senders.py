"""Load on a collector that remembers what it was promised."""

import json
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlsplit

from tests.collector.running import RunningCollector, envelopes, key_of

_PAUSE_SECONDS = 0.05


class Senders:
    """Clients that keep sending batches until they are stopped.

    `acknowledged` holds the ids that got a 2xx, `statuses` those of all answers, `broken` what was not answered.
    """

    def __init__(self, collector: RunningCollector, merchant: str, count: int = 8, batch: int = 2) -> None:
        self._address = urlsplit(collector.url).netloc
        self._batch = batch
        self._headers = {"authorization": "Basic " + b64encode(f"{key_of(merchant)}:".encode()).decode()}
        self._stop = Event()
        self.acknowledged: set[str] = set()
        self.statuses: list[int] = []
        self.broken: list[str] = []
        self._threads = [Thread(target=self._send, args=(number,)) for number in range(count)]

    def __len__(self) -> int:
        return len(self._threads)

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        connection = HTTPConnection(self._address, timeout=60)
        turn = 0
        while not self._stop.is_set():
            turn += 1
            try:
                self._send_once(connection, [f"{number}-{turn}-{member}" for member in range(self._batch)])
            except (OSError, HTTPException) as problem:
                self.broken.append(repr(problem))
                connection.close()
                self._stop.wait(_PAUSE_SECONDS)
        connection.close()

    def _send_once(self, connection: HTTPConnection, ids: list[str]) -> None:
        body = json.dumps({"batch": [{"type": "track", "event": "x", "messageId": name} for name in ids]})
        connection.request("POST", "/v1/batch", body, self._headers)
        answer = connection.getresponse()
        answer.read()
        self.statuses.append(answer.status)
        if answer.status == 200:
            self.acknowledged.update(ids)
        else:
            assert answer.headers["retry-after"]
            self._stop.wait(_PAUSE_SECONDS)


def found_ids(kafka: str, merchant: str) -> list[str]:
    return [envelope["message_id"] for envelope in envelopes(kafka, merchant)]
