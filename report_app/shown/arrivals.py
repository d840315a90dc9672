"""A message as it arrived, in words: what it is, and what became of it. Pure."""

from dataclasses import dataclass

from contracts.keys import KeyKind
from report_app.arrivals.arrival import Arrival
from report_app.arrivals.fates import Fate, FateState
from report_app.formats import Formats
from report_app.shown.inbox import explained
from report_app.shown.masking import Line, masked_lines, masked_text

_WORDS = {
    FateState.RECEIVED: "Received",
    FateState.COUNTED: "Counted",
    FateState.COPY: "Copy",
    FateState.REJECTED: "Not used",
    FateState.HELD_BACK: "Set aside",
}
_KINDS = {KeyKind.PAGE: "Page key", KeyKind.SERVER: "Server key"}


@dataclass(frozen=True, slots=True)
class ShownArrival:
    """`order` sorts rows as text, the newest last; `tone` is good, bad, way or again; `fix` is for a developer."""

    id: str
    order: str
    clock: str
    title: str
    about: str
    word: str
    tone: str
    why: str
    fix: str
    lines: tuple[Line, ...]


_TONES = {
    FateState.RECEIVED: "way",
    FateState.COUNTED: "good",
    FateState.COPY: "again",
    FateState.REJECTED: "bad",
    FateState.HELD_BACK: "way",
}


def shown_arrival(arrival: Arrival, fate: Fate, formats: Formats) -> ShownArrival:
    partition, offset = arrival.place
    why, fix = _why(fate, formats)
    key = f"{_KINDS[KeyKind(arrival.key_kind)]} {arrival.key_generation}"
    return ShownArrival(
        id=f"arrival-{partition}-{offset}",
        order=f"{arrival.received_at.isoformat(timespec='milliseconds')} {partition:05d} {offset:020d}",
        clock=formats.clock(arrival.received_at, with_seconds=True),
        title=masked_text(arrival.event) or masked_text(arrival.type),
        about=f"{masked_text(arrival.type)} · {key} · {masked_text(arrival.door)}",
        word=_WORDS[fate.state],
        tone=_TONES[fate.state],
        why=why,
        fix=fix,
        lines=tuple(masked_lines(arrival.text)) if arrival.text else (),
    )


def _why(fate: Fate, formats: Formats) -> tuple[str, str]:
    if fate.state is FateState.REJECTED:
        sentence, fix = explained(fate.code)
        return f"{sentence} ({masked_text(fate.field)})" if fate.field else sentence, fix
    if fate.state is FateState.COPY and fate.first_at:
        return f"The same message came at {formats.clock(fate.first_at, with_seconds=True)}, and counts once.", ""
    if fate.state is FateState.HELD_BACK:
        return "The messages around it could not be computed and are taken apart. None is lost.", ""
    return "", ""
