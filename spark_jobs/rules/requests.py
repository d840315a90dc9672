"""Requests as they stand in the topic, read without trust: an odd one must not stop the others."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.keys import MERCHANT_ID
from contracts.messages import REQUEST_VERSION
from contracts.names import DueGroup
from contracts.tickets import RequestKind
from contracts.zones import hour_of_key

MOST_SCOPES = 5_000
_HOUR_KEY = re.compile(r"20[0-5]\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z")
_DAY_KEY = re.compile(r"20[0-5]\d-\d\d-\d\d")


class OddRequest(ValueError):
    """The bytes are no request of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """`scopes` are (group, key) whose form is right; `odd_scopes` counts the others."""

    request_id: str
    merchant: str
    settings_version: int
    scopes: frozenset[tuple[DueGroup, str]]
    odd_scopes: int


def read_request(value: bytes | None) -> Request:
    """The request in a message's bytes; raises OddRequest for anything else."""
    try:
        message = json.loads(value or b"")
    except (ValueError, RecursionError) as error:
        raise OddRequest("it is not JSON") from error
    if not isinstance(message, dict) or not _is_request(message):
        raise OddRequest("it has not the fields of a request")
    scopes = [_scope(one) for one in message["scopes"]]
    known = frozenset(scope for scope in scopes if scope is not None)
    if not known:
        raise OddRequest("it names no hour and no day")
    odd = sum(scope is None for scope in scopes)
    return Request(message["request_id"], message["merchant"], message["settings_version"], known, odd)


def _is_request(message: Mapping[str, Any]) -> bool:
    """Holds the types and limits of contracts/schemas/request.json."""
    version, scopes = message.get("settings_version"), message.get("scopes")
    merchant, name = message.get("merchant"), message.get("request_id")
    return (
        message.get("v") == REQUEST_VERSION
        and isinstance(name, str)
        and 0 < len(name) <= 100
        and isinstance(merchant, str)
        and MERCHANT_ID.fullmatch(merchant) is not None
        and message.get("kind") in [str(kind) for kind in RequestKind]
        and isinstance(version, int)
        and not isinstance(version, bool)
        and version >= 1
        and isinstance(scopes, list)
        and len(scopes) <= MOST_SCOPES
    )


def _scope(one: Any) -> tuple[DueGroup, str] | None:
    group, key = (one.get("group"), one.get("key")) if isinstance(one, dict) else (None, None)
    if not isinstance(key, str):
        return None
    try:
        if group == DueGroup.HOUR and _HOUR_KEY.fullmatch(key):
            hour_of_key(key)
            return DueGroup.HOUR, key
        if group == DueGroup.DAY and _DAY_KEY.fullmatch(key):
            return DueGroup.DAY, date.fromisoformat(key).isoformat()
    except ValueError:
        pass
    return None
