"""Empties the outbox: claims what is due, signs it, posts it, and writes down what came of it."""

import asyncio
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.settings import Settings
from contracts.webhooks import Attempt, Webhook, webhook_secret
from outgoing.addresses import BadWebhook, read_address
from outgoing.posting import NotPosted, Poster, signed_headers, why_failed
from report_app.webhooks.claims import Claimed, claim, finish

log = logging.getLogger("report_app.webhooks")
_AT_A_TIME = 4
_LOOK_SECONDS = 1.0


class Courier:
    """Some threads, each with one post at a time. Several processes may have one: claims are in the database."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        secrets: Mapping[str, bytes],
        poster: Poster,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._poster = poster
        self._now = now
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"webhooks-{number}", daemon=True) for number in range(_AT_A_TIME)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when the last post has its answer or its time is over."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def deliver_one(self) -> bool:
        """Whether there was something to deliver. Raises PyMongoError; what was claimed is then due again later."""
        claimed = claim(self._database, self._now())
        if claimed is None:
            return False
        at, began = self._now(), time.monotonic()
        status, why = self._post(claimed, at)
        attempt = Attempt(at=at, status=status, why=why, milliseconds=round(1_000 * (time.monotonic() - began)))
        finish(self._database, claimed, attempt, self._now())
        self._log(claimed, attempt)
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                is_busy = self.deliver_one()
            except PyMongoError as error:
                log.warning("database away: %s", type(error).__name__)
                is_busy = False
            except Exception:
                log.exception("a delivery failed unexpectedly; it is due again when its lease has run out")
                is_busy = False
            if not is_busy:
                self._stopped.wait(_LOOK_SECONDS)

    def _post(self, claimed: Claimed, at: datetime) -> tuple[int | None, str]:
        """(status, why it counts as failed)"""
        body = claimed.delivery["body"].encode()
        try:
            secrets = self._live_secrets(claimed.webhook, at)
            headers = signed_headers(claimed.delivery["kind"], claimed.delivery["_id"], body, at, secrets)
            status = asyncio.run(self._poster.post(read_address(claimed.webhook["url"]), headers, body))
        except KeyError:
            return None, "Its secret is no longer valid: make a new one."
        except (NotPosted, BadWebhook) as error:
            return None, str(error)
        return status, why_failed(status)

    def _live_secrets(self, webhook: Webhook, at: datetime) -> list[str]:
        """Raises KeyError where the newest cannot be derived: the platform's own secret behind it is gone."""
        newest, *older = webhook["secrets"]
        still = [one for one in older if one["until"] and one["until"] > at and one["key"] in self._secrets]
        return [webhook_secret(webhook["_id"], one, self._secrets) for one in (newest, *still)]

    def _log(self, claimed: Claimed, attempt: Attempt) -> None:
        """Neither address nor body: both may hold what only the shop may know."""
        log.info(
            "webhook merchant=%s webhook=%s delivery=%s attempt=%d status=%s milliseconds=%d",
            claimed.webhook["merchant"],
            claimed.webhook["_id"],
            claimed.delivery["_id"],
            claimed.delivery["attempts"],
            attempt["status"],
            attempt["milliseconds"],
        )


def poster_of(settings: Settings) -> Poster:
    """As the settings say; certificates are checked against the system's authorities."""
    return Poster(ssl.create_default_context(), settings.webhook_timeout_seconds, settings.webhook_private_addresses)
