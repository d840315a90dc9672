"""Load on a collector that remembers what it was promised."""

from threading import Event, Thread

import requests

from tests.collector.running import RunningCollector, envelopes, key_of


class Senders:
    """Clients that keep sending batches of two until they are stopped; `acknowledged` holds the ids that got a 2xx, `broken` what was not answered."""

    def __init__(self, collector: RunningCollector, merchant: str, count: int = 8) -> None:
        self._collector = collector
        self._key = key_of(merchant)
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
        with requests.Session() as session:
            turn = 0
            while not self._stop.is_set():
                turn += 1
                self._send_once(session, [f"{number}-{turn}-a", f"{number}-{turn}-b"])

    def _send_once(self, session: requests.Session, ids: list[str]) -> None:
        body = {"batch": [{"type": "track", "event": "x", "messageId": name} for name in ids]}
        try:
            answer = session.post(f"{self._collector.url}/v1/batch", json=body, auth=(self._key, ""), timeout=60)
        except requests.RequestException as problem:
            self.broken.append(str(problem))
            self._stop.wait(0.05)
            return
        self.statuses.append(answer.status_code)
        if answer.ok:
            self.acknowledged.update(ids)
        else:
            assert answer.headers["retry-after"]
            self._stop.wait(0.05)


def found_ids(kafka: str, merchant: str) -> list[str]:
    return [envelope["message_id"] for envelope in envelopes(kafka, merchant)]
