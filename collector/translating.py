"""Requests of other clients as the envelope needs them: read by an adapter, then checked like any message."""

from typing import NamedTuple

from collector.adapters.mapped import Mapped, Parts
from collector.adapters.reading import written
from collector.adapters.unforeseen import reject_of
from collector.splitting import BATCH_MESSAGES, SPREAD_BYTES, Member, Reject, read_member
from contracts.errors import ErrorCode


class Translated(NamedTuple):
    """Members, and of each the place of its event in the request."""

    members: list[Member]
    places: list[int]


def translated(parts: Parts) -> Translated | Reject:
    """The messages of a request, or why they are too many or too large to travel."""
    if len(parts.messages) > BATCH_MESSAGES:
        return Reject(ErrorCode.TOO_LARGE, None)
    members: list[Member] = []
    places: list[int] = []
    size = 0
    for mapped in parts.messages:
        is_first = not places or places[-1] != mapped.place
        members.append(_member(mapped, is_first))
        places.append(mapped.place)
        size += len(members[-1].text or "") + len(members[-1].raw or b"")
        if size > SPREAD_BYTES:
            return Reject(ErrorCode.TOO_LARGE, None)
    return Translated(members, places)


def _member(mapped: Mapped, is_first: bool) -> Member:
    if mapped.message is None:
        return Member(None, mapped.raw, None, mapped.reject)
    try:
        read = read_member(written(mapped.message), None)
    except Exception as error:
        return Member(None, mapped.raw, None, reject_of(error))
    return read._replace(raw=mapped.raw if is_first or read.text is None else None)
