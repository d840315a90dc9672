"""The collector's RSGI application, `collector.app:app`: which address leads where."""

import asyncio
import gc
import logging
import time
from signal import SIG_IGN, SIGHUP, signal
from traceback import format_tb
from typing import Any

from collector.adapters.ga4_validation import validation_document
from collector.answers import (
    GET_ONLY,
    NO_SUCH_PAGE,
    POST_ONLY,
    PREFLIGHT,
    Answer,
    Refused,
    json_answer,
    to_origin,
    unavailable,
)
from collector.hosts import PageHosts
from collector.intake import DOORS, PIXELS, Intake
from collector.keys_door import KeysDoor, basic_user, query_key
from collector.log import log
from collector.metrics import Metrics
from collector.metrics_server import MetricsServer
from collector.openapi import OPENAPI_PATH, openapi_document
from collector.other_doors import GA4, GA4_DEBUG, OTHER_DOORS, OtherDoor, without_prefix
from collector.producer import Broker
from collector.revocations import Revocations
from collector.settings_document import settings_document
from collector.source_config import PATHS as SOURCE_CONFIG
from collector.source_config import source_config
from collector.tracker_file import tracker_files
from contracts.completeness import check_contracts
from contracts.keys import WriteKey

_PROJECTS = "/v1/projects/"
_SETTINGS = "/settings"
_METRICS_OF_SDK = "/v1/m"
_OPENAPI = json_answer(200, openapi_document())
_ALIVE = json_answer(200, {"alive": True})
_KEYS_UNKNOWN = "The collector has not read yet which keys were revoked."
_LOADING_SECONDS = 2.0
_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
_READY = json_answer(200, {"ready": True})


class Collector:
    """One process of the collector. Granian calls `__rsgi_init__`, one `__rsgi__` a request, and `__rsgi_del__`."""

    def __init__(self) -> None:
        self._settings = check_contracts()
        self._revocations = Revocations(self._settings)
        self._keys = KeysDoor(self._settings.secrets_by_id(), self._is_revoked)
        self._broker = Broker(self._settings)
        self._metrics = Metrics()
        pages = PageHosts(self._revocations.hosts_of)
        self._intake = Intake(self._keys, pages, self._broker, self._metrics, self._settings)
        self._metrics_server = self._server_of_metrics()
        self._tracker = tracker_files(self._settings)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # SIGHUP is for the process that started this one; who closes a terminal sends it to both
        signal(SIGHUP, SIG_IGN)
        _collect_garbage_less_often()
        self._broker.open(loop)
        if self._metrics_server:
            self._metrics_server.open()
        self._revocations.open(_LOADING_SECONDS)
        log("started", kafka=self._settings.kafka_bootstrap)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        self._broker.close()
        self._revocations.close()
        if self._metrics_server:
            self._metrics_server.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        began, path = time.perf_counter(), scope.path
        try:
            answer = await self._answer(scope, protocol)
        except Refused as refused:
            answer = refused.answer
        except Exception as error:
            # the path may hold a key, and the error's own text what people sent
            trace = "".join(format_tb(error.__traceback__))
            log("request_failed", logging.ERROR, door=_door_name(path), error=type(error).__name__, trace=trace)
            answer = unavailable("The collector failed on this request.")
        if without_prefix(path)[0] in OTHER_DOORS:
            answer = to_origin(answer, scope.headers.get("origin"))
        body = b"" if scope.method == "HEAD" else answer.body
        protocol.response_bytes(answer.status, list(answer.headers), body)
        self._metrics.answered(_door_name(path), answer.status, time.perf_counter() - began)

    async def _answer(self, scope: Any, protocol: Any) -> Answer:
        door = DOORS.get(scope.path)
        if scope.method == "OPTIONS":
            return PREFLIGHT
        if scope.path == _METRICS_OF_SDK and scope.method == "POST":
            return await self._intake.discard(scope, protocol)
        if door is not None:
            return await self._intake.receive(door, scope, protocol) if scope.method == "POST" else POST_ONLY
        if scope.path == GA4_DEBUG:
            return await self._validation(scope, protocol) if scope.method == "POST" else POST_ONLY
        other = OTHER_DOORS.get(without_prefix(scope.path)[0])
        if other is not None:
            return await self._through(other, scope, protocol)
        return await self._page(scope) if scope.method in ("GET", "HEAD") else GET_ONLY

    async def _through(self, door: OtherDoor, scope: Any, protocol: Any) -> Answer:
        if scope.method == "GET" and door.sends_by_get:
            return await self._intake.receive_address(door, scope)
        return await self._intake.receive(door, scope, protocol) if scope.method == "POST" else POST_ONLY

    async def _validation(self, scope: Any, protocol: Any) -> Answer:
        return json_answer(200, validation_document(await self._intake.look_at(GA4, scope, protocol)))

    async def _page(self, scope: Any) -> Answer:
        path = scope.path
        if path in PIXELS:
            return await self._intake.receive_pixel(PIXELS[path], scope) if scope.method == "GET" else GET_ONLY
        if path in SOURCE_CONFIG:
            return self._source_config(scope)
        if path in self._tracker:
            return self._tracker[path].answer(scope.headers.get("if-none-match"), scope.headers.get("accept-encoding"))
        if path == OPENAPI_PATH:
            return _OPENAPI
        if path == "/health":
            return _ALIVE
        if path == "/ready":
            return await self._readiness()
        if path.startswith(_PROJECTS) and path.endswith(_SETTINGS):
            write_key = path[len(_PROJECTS) : -len(_SETTINGS)]
            self._keys.admit(("path", write_key))
            return json_answer(200, settings_document(write_key, self._settings.public_collector_url))
        return NO_SUCH_PAGE

    def _server_of_metrics(self) -> MetricsServer | None:
        port = self._settings.collector_metrics_port
        self._metrics.gauge("queued_messages", "Messages that wait for the broker.", lambda: self._broker.queued)
        self._metrics.gauge(
            "held_bytes", "Bytes of bodies that wait for their answer.", lambda: self._intake.held_bytes
        )
        self._metrics.gauge(
            "revocations_read", "1 once it is known which keys were revoked.", lambda: self._revocations.is_loaded
        )
        return MetricsServer(self._settings.collector_host, port, self._metrics.registry) if port else None

    async def _readiness(self) -> Answer:
        if not await self._broker.is_ready():
            return unavailable("The broker does not answer.")
        return _READY if self._revocations.is_loaded else unavailable(_KEYS_UNKNOWN)

    def _is_revoked(self, key: WriteKey) -> bool:
        """Raises Refused (503) while that is not known."""
        if not self._revocations.is_loaded:
            raise Refused(unavailable(_KEYS_UNKNOWN))
        return self._revocations.holds(key)

    def _source_config(self, scope: Any) -> Answer:
        found = (
            ("authorization", basic_user(scope.headers.get("authorization"))),
            ("writeKey", query_key(scope.query_string)),
        )
        key = self._keys.admit(*found)
        write_key = next(text for _, text in found if text)
        return json_answer(200, source_config(write_key, key))


def _collect_garbage_less_often() -> None:
    """What is there at the start stays; of the requests that are under way hardly anything is garbage in a circle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)


def _door_name(path: str) -> str:
    door = DOORS.get(path) or PIXELS.get(path) or OTHER_DOORS.get(without_prefix(path)[0])
    return door.name if door else "other"


app = Collector()
