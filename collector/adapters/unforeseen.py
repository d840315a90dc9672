"""What no adapter foresaw in an event: it is rejected alone, with its bytes, and the request's other events are stored."""

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from traceback import extract_tb
from typing import Concatenate, ParamSpec

from collector.adapters.mapped import Mapped
from collector.log import log
from collector.splitting import Reject
from contracts.errors import ErrorCode

_Rest = ParamSpec("_Rest")
_Mapping = Callable[Concatenate[int, bytes, _Rest], list[Mapped]]


def each_alone(mapping: _Mapping[_Rest]) -> _Mapping[_Rest]:
    """The mapping of one event, from its place and its bytes on, with a rejected event for what it raises."""

    @wraps(mapping)
    def guarded(index: int, raw: bytes, /, *args: _Rest.args, **kwargs: _Rest.kwargs) -> list[Mapped]:
        try:
            return mapping(index, raw, *args, **kwargs)
        except Exception as error:
            return [Mapped(index, raw, None, reject_of(error))]

    return guarded


def reject_of(error: Exception) -> Reject:
    """Logs the kind of error and its place in the code: its text may hold what people sent.

    Raises MemoryError again: that is no trouble of the event.
    """
    if isinstance(error, MemoryError):
        raise error
    (frame,) = extract_tb(error.__traceback__, limit=-1)
    place = f"{PurePath(frame.filename).name}:{frame.lineno}"
    log("event_not_mapped", logging.ERROR, error=type(error).__name__, place=place)
    return Reject(ErrorCode.BAD_PROPERTIES, None)
