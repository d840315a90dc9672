"""Which address leads where."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from traceback import format_tb
from typing import TypeVar

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
    too_slow,
    unavailable,
)
from collector.hosts import PageHosts
from collector.intake import DOORS, PIXELS, Intake
from collector.keys_door import KeysDoor, basic_user, query_key
from collector.log import log
from collector.openapi import OPENAPI_PATH, openapi_document
from collector.other_doors import GA4, GA4_DEBUG, OTHER_DOORS, OtherDoor, without_prefix
from collector.process import Process
from collector.producer import Broker
from collector.revocations import Revocations
from collector.serving.request import Request
from collector.settings_document import settings_document
from collector.source_config import PATHS as SOURCE_CONFIG
from collector.source_config import source_config
from collector.tracker_file import tracker_files
from contracts.keys import WriteKey
from contracts.settings import Settings

_PROJECTS = "/v1/projects/"
_SETTINGS = "/settings"
_METRICS_OF_SDK = "/v1/m"
_READY_PATH = "/ready"
_OPENAPI = json_answer(200, openapi_document())
_ALIVE = json_answer(200, {"alive": True})
_KEYS_UNKNOWN = "The collector has not read yet which keys were revoked."
_NO_BROKER = unavailable("The broker does not answer.")
_LOADING_SECONDS = 2.0
_READY = json_answer(200, {"ready": True})
_Door = TypeVar("_Door")
_Taking = Callable[["Collector", Request], None]


class Collector:
    """A `collector.serving.app.App`. What it notes of a request's head serves the one that follows it on a reload, too."""

    def __init__(self, settings: Settings, process: Process) -> None:
        self._settings = settings
        self._metrics = process.metrics
        self._waiting = process.waiting
        self._revocations = Revocations(settings)
        self._keys = KeysDoor(settings.secrets_by_id(), self._is_revoked)
        self._broker = Broker(settings)
        pages = PageHosts(self._revocations.hosts_of)
        self._intake = Intake(self._keys, pages, self._broker, process, settings, self._answer)
        self._tracker = tracker_files(settings)
        self._asking: list[Request] = []
        self._looking: asyncio.Task[None] | None = None

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._broker.open(loop)
        self._revocations.open(_LOADING_SECONDS)
        self._show_figures()
        log("started", kafka=self._settings.kafka_bootstrap)

    def close(self) -> None:
        self._broker.close()
        self._revocations.close()

    def head(self, request: Request) -> Answer | None:
        try:
            return self._of_head(request)
        except Refused as refused:
            return refused.answer
        except Exception as error:
            return _failed(request, error)

    def take(self, request: Request) -> None:
        try:
            if request.ready_answer is None:
                request.taking(self, request)
            else:
                self._answer(request, request.ready_answer)
        except Refused as refused:
            self._answer(request, refused.answer)
        except Exception as error:
            self._answer(request, _failed(request, error))

    def too_slow(self, request: Request) -> None:
        self._answer(request, too_slow())

    def lost(self, request: Request) -> None:
        self._waiting.release(request)

    def _of_head(self, request: Request) -> Answer | None:
        path, method = request.path, request.method
        door = DOORS.get(path)
        if door is not None:
            request.door_name = door.name
            if method == "POST":
                request.taking = _TAKING[path]
                self._intake.look_at_head(request)
                return None
            return PREFLIGHT if method == "OPTIONS" else POST_ONLY
        other = OTHER_DOORS.get(without_prefix(path)[0])
        if other is not None:
            request.door_name = other.name
        if method == "OPTIONS":
            return PREFLIGHT
        if path == _METRICS_OF_SDK and method == "POST":
            return self._intake.discard(request)
        if path == GA4_DEBUG:
            if method != "POST":
                return POST_ONLY
            request.taking = Collector._validate
            self._intake.look_at_head_only(request)
            return None
        if other is not None:
            return self._through(other, request)
        return self._page(request) if method in ("GET", "HEAD") else GET_ONLY

    def _through(self, door: OtherDoor, request: Request) -> Answer | None:
        if request.method == "GET" and door.sends_by_get:
            request.taking = _by(Intake.receive_address, door)
            return None
        if request.method != "POST":
            return POST_ONLY
        request.taking = _by(Intake.receive_other, door)
        self._intake.look_at_head_of_other(door, request)
        return None

    def _validate(self, request: Request) -> None:
        self._answer(request, json_answer(200, validation_document(self._intake.looked_at(GA4, request))))

    def _page(self, request: Request) -> Answer | None:
        path = request.path
        if path in PIXELS:
            request.door_name = PIXELS[path].name
            request.taking = _by(Intake.receive_pixel, PIXELS[path])
            return None if request.method == "GET" else GET_ONLY
        if path in SOURCE_CONFIG:
            return self._source_config(request)
        if path in self._tracker:
            headers = request.headers
            return self._tracker[path].answer(headers.get("if-none-match"), headers.get("accept-encoding"))
        if path == OPENAPI_PATH:
            return _OPENAPI
        if path == "/health":
            return _ALIVE
        if path == _READY_PATH:
            request.taking = Collector._look_whether_ready
            return None
        if path.startswith(_PROJECTS) and path.endswith(_SETTINGS):
            write_key = path[len(_PROJECTS) : -len(_SETTINGS)]
            self._keys.admit(("path", write_key))
            return json_answer(200, settings_document(write_key, self._settings.public_collector_url))
        return NO_SUCH_PAGE

    def _answer(self, request: Request, answer: Answer) -> None:
        if request.door_name in _OF_OTHERS:
            answer = to_origin(answer, request.headers.get("origin"))
        self._waiting.release(request)
        self._metrics.answered(request.door_name, answer.status, perf_counter() - request.began)
        request.answer(answer)

    def _show_figures(self) -> None:
        show = self._metrics.gauge
        show("queued_messages", "Messages that wait for the broker.", lambda: self._broker.queued)
        show("revocations_read", "1 once it is known which keys were revoked.", lambda: self._revocations.is_loaded)

    def _look_whether_ready(self, request: Request) -> None:
        """One look at a time serves all that ask."""
        self._asking.append(request)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._tell_whether_ready())

    async def _tell_whether_ready(self) -> None:
        while self._asking:
            has_topic = await self._broker.is_ready()
            asking, self._asking = self._asking, []
            answer = _READY if self._revocations.is_loaded else unavailable(_KEYS_UNKNOWN)
            for request in asking:
                self._answer(request, answer if has_topic else _NO_BROKER)

    def _is_revoked(self, key: WriteKey) -> bool:
        """Raises Refused (503) while that is not known."""
        if not self._revocations.is_loaded:
            raise Refused(unavailable(_KEYS_UNKNOWN))
        return self._revocations.holds(key)

    def _source_config(self, request: Request) -> Answer:
        found = (
            ("authorization", basic_user(request.headers.get("authorization"))),
            ("writeKey", query_key(request.query)),
        )
        key = self._keys.admit(*found)
        write_key = next(text for _, text in found if text)
        return json_answer(200, source_config(write_key, key))


def _by(receive: Callable[[Intake, _Door, Request], None], door: _Door) -> _Taking:
    """How an app takes a request: by its intake's `receive`."""
    return lambda app, request: receive(app._intake, door, request)


_TAKING = {path: _by(Intake.receive, door) for path, door in DOORS.items()}


def _failed(request: Request, error: Exception) -> Answer:
    """The path may hold a key, and the error's own text what people sent: neither is logged."""
    trace = "".join(format_tb(error.__traceback__))
    log("request_failed", logging.ERROR, door=request.door_name, error=type(error).__name__, trace=trace)
    return unavailable("The collector failed on this request.")


_OF_OTHERS = frozenset(door.name for door in OTHER_DOORS.values())
