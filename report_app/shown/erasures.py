"""Erasures in the reader's words."""

from dataclasses import dataclass

from contracts.erasures import Erasure, ErasureState
from report_app.formats import Formats

_KINDS = (("anonymous", "browser"), ("user", "user id"), ("order", "order"))
_STATES = {
    ErasureState.ORDERED: "Being looked for",
    ErasureState.FOUND: "Found",
    ErasureState.ERASING: "Being erased",
    ErasureState.ERASED: "Erased; older copies are being cleared",
    ErasureState.DONE: "Done",
    ErasureState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class ShownErasure:
    """`waits`: a person has to decide."""

    number: str
    ordered: str
    who: str
    state: str
    note: str
    waits: bool
    has_export: bool
    has_receipt: bool


def shown_erasure(erasure: Erasure, has_export: bool, formats: Formats) -> ShownErasure:
    state = ErasureState(erasure["state"])
    waits = not erasure["is_confirmed"] and state in (ErasureState.ORDERED, ErasureState.FOUND)
    return ShownErasure(
        number=erasure["_id"].partition("/")[2],
        ordered=formats.moment(erasure["ordered_at"]),
        who=erasure["ordered_by"],
        state=_STATES[state],
        note=_note(erasure, state, formats),
        waits=waits and state is ErasureState.FOUND,
        has_export=has_export,
        has_receipt="receipt" in erasure,
    )


def _note(erasure: Erasure, state: ErasureState, formats: Formats) -> str:
    counts = [sum(one["kind"] == kind for one in erasure["ids"]) for kind, _ in _KINDS]
    named = [
        f"{formats.count(count)} {noun}{'' if count == 1 else 's'}"
        for count, (_, noun) in zip(counts, _KINDS, strict=True)
        if count
    ]
    rows = erasure["found"].get("archive")
    parts = [", ".join(named), f"{formats.count(rows)} messages" if rows is not None else ""]
    sentence = " with ".join(filter(None, parts)) + "."
    if erasure["needs_a_look"] and state is ErasureState.FOUND:
        sentence += (
            " These are hardly one person’s: one of the ids may be what many people share. Look before you go on."
        )
    return sentence
