"""What the numbers are made of: messages by what became of them, in lines that add up."""

from dataclasses import dataclass

from contracts.books import Fates
from contracts.errors import EXPLANATIONS, ErrorCode
from contracts.reports import Family
from report_app.formats import Formats
from report_app.reading.overview import Reading
from report_app.reading.receipts import RangeReceipt
from report_app.reading.reports import SENTENCES
from report_app.reading.totals import Quality


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some messages could not be used, and what the shop's developer does about it."""

    code: str
    count: str
    sentence: str
    fix: str


@dataclass(frozen=True, slots=True)
class MadeOf:
    """`sentence` replaces the lines where they are no numbers."""

    sentence: str
    lines: tuple[Line, ...]
    reasons: tuple[Reason, ...]
    not_accounted_for: str
    adds_up: bool
    remarks: tuple[str, ...]


def made_of(reading: Reading, formats: Formats) -> MadeOf:
    quality = reading.shown.quality
    sentence = SENTENCES.get(reading.shown.states[Family.QUALITY], "")
    if sentence:
        return MadeOf(sentence, (), (), "", False, ())
    return MadeOf(
        sentence="",
        lines=(*count_lines(quality.counts, formats), *fate_lines(quality.counts["rejected"], reading.fates, formats)),
        reasons=_reasons(quality, formats),
        not_accounted_for=formats.count(quality.not_accounted_for),
        adds_up=quality.not_accounted_for == 0,
        remarks=_remarks(reading, formats),
    )


def receipt_lines(receipt: RangeReceipt, formats: Formats, fates: Fates | None = None) -> tuple[Line, ...]:
    """The same lines for a receipt; what became of the rejected where it is known for the receipt's hours."""
    names = ("received", "returned", "accepted", "duplicate", "bot", "rejected")
    lines = count_lines({name: getattr(receipt, name) for name in names}, formats)
    return lines if fates is None else (*lines, *fate_lines(receipt.rejected, fates, formats))


def fate_lines(rejected: int, fates: Fates, formats: Formats) -> tuple[Line, ...]:
    """Rejected = waiting + repaired + dropped. What the inbox has not filed yet is on its way there, and waits too."""
    if not rejected:
        return ()
    lines = (
        Line("waiting", "of these waiting in the inbox", formats.count(fates.waiting)),
        Line("repaired", "of these repaired, and counted where they came back", formats.count(fates.repaired)),
        Line("dropped", "of these dropped by a person", formats.count(fates.dropped)),
    )
    missing = rejected - fates.known
    if missing > 0:
        return (*lines, Line("on_their_way", "of these on their way to the inbox", formats.count(missing)))
    if missing < 0:
        return (*lines, Line("too_many", "in the inbox, and not in these numbers yet", formats.count(-missing)))
    return lines


def count_lines(counts: dict[str, int], formats: Formats) -> tuple[Line, ...]:
    lines = [Line("received", "Messages received", formats.count(counts["received"]))]
    if counts["returned"]:
        lines.append(Line("returned", "Repaired messages that came back", formats.count(counts["returned"])))
    return (
        *lines,
        Line("accepted", "Counted", formats.count(counts["accepted"])),
        Line("duplicate", "Copies of messages already counted", formats.count(counts["duplicate"])),
        Line("bot", "Bots, kept apart", formats.count(counts["bot"])),
        Line("rejected", "Could not be used", formats.count(counts["rejected"])),
    )


def _reasons(quality: Quality, formats: Formats) -> tuple[Reason, ...]:
    ordered = sorted(quality.by_code.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_reason(code, formats.count(count)) for code, count in ordered if count)


def _reason(code: str, count: str) -> Reason:
    try:
        explanation = EXPLANATIONS[ErrorCode(code)]
    except ValueError:
        return Reason(code, count, "A code that this version of the app does not know.", "")
    return Reason(code, count, explanation.sentence, explanation.fix)


_NOTES = {
    "order_repeated": "orders were sent more than once and counted once.",
    "order_without_id": "orders had no id; each counts as an order of its own.",
    "amounts_disagree": "orders carry amounts that do not add up; we took the first of our rule.",
    "refund_unmatched": "refunds belong to no order we know; they count by their own amount.",
    "refund_over": "refunds were larger than their order; the excess is left out.",
    "price_missing": "order lines had no price and count as 0.",
}


def _remarks(reading: Reading, formats: Formats) -> tuple[str, ...]:
    """What was noticed and did not stop a message from being counted."""
    quality = reading.shown.quality
    names = ", ".join(f"“{name}”" for name in sorted(quality.custom_names, key=lambda n: -quality.custom_names[n])[:5])
    found = [
        (quality.counts["late"], "arrived more than an hour after they happened and are in their own hour."),
        (quality.counts["clock_corrected"], "came from devices with a wrong clock; their times are corrected."),
        (quality.counts["id_reused"], "carry the id of another event; they are counted."),
    ]
    if reading.shown.is_read(Family.TRAFFIC):
        text = "carry no visitor id; they count in page views and orders, not in visitors."
        found.append((reading.shown.traffic["cookieless"], text))
    if reading.shown.is_read(Family.SALES):
        found += [(reading.shown.sales.notes[note], text) for note, text in _NOTES.items()]
    remarks = [f"{formats.count(count)} {text}" for count, text in found if count]
    if names:
        remarks.append(f"Event names that look like commerce, but are not ones we know: {names}.")
    return tuple(remarks)
