"""The state of the platform in words, for operators."""

from dataclasses import dataclass

from contracts.alerts import Alert, Road, SendingState, one_line, subject_of
from contracts.promises import CHECKS, Measure, in_words
from report_app.formats import Formats
from report_app.reading.promises import BreakView, CheckView, Standing

WORDS = {Standing.KEPT: "Kept", Standing.BROKEN: "Broken", Standing.UNKNOWN: "Not known"}
TONES = {Standing.KEPT: "good", Standing.BROKEN: "bad", Standing.UNKNOWN: "way"}
ICONS = {Standing.KEPT: "check", Standing.BROKEN: "alert", Standing.UNKNOWN: "info"}
_SENTENCES = {
    Standing.KEPT: "Every promise is kept.",
    Standing.BROKEN: "A promise is broken.",
    Standing.UNKNOWN: "Nobody has looked lately: see in Airflow whether watch_promises is paused or fails.",
}
_SENDING = {SendingState.SENT: "sent", SendingState.FAILED: "given up", SendingState.WAITING: "waiting"}


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """`measures`: (what, value, limit). `sentences` of what is broken; `more` of them are not among these."""

    id: str
    title: str
    promise: str
    word: str
    tone: str
    icon: str
    since: str
    measures: list[tuple[str, str, str]]
    sentences: list[str]
    more: int
    what_now: str


@dataclass(frozen=True, slots=True)
class ShownBreak:
    title: str
    sentence: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class ShownAlert:
    at: str
    what: str
    roads: list[str]


def shown_standing(standing: Standing) -> tuple[str, str]:
    """(tone of the dot, sentence)"""
    tone = {Standing.KEPT: "good", Standing.BROKEN: "late", Standing.UNKNOWN: "note"}[standing]
    return tone, _SENTENCES[standing]


def shown_check(view: CheckView, sentences: list[str], formats: Formats) -> ShownCheck:
    check = CHECKS[view.name]
    return ShownCheck(
        id=view.name,
        title=check.title,
        promise=check.promise,
        word=WORDS[view.standing],
        tone=TONES[view.standing],
        icon=ICONS[view.standing],
        since=_since(view, formats),
        measures=[_measure(view, one) for one in view.measures],
        sentences=[one_line(sentence) for sentence in sentences],
        more=view.broken - len(sentences),
        what_now=check.what_now,
    )


def _since(view: CheckView, formats: Formats) -> str:
    if view.standing is Standing.BROKEN and view.since:
        return f"since {formats.moment(view.since)}"
    return f"looked at {formats.moment(view.looked_at)}" if view.looked_at else "nobody has looked yet"


def _measure(view: CheckView, measure: Measure) -> tuple[str, str, str]:
    check = CHECKS[view.name]
    bound = "at least" if check.is_least else "at most"
    return (
        measure["of"],
        in_words(measure["value"], check.unit),
        f"{bound} {in_words(measure['limit'], check.unit)}",
    )


def shown_break(one: BreakView, formats: Formats) -> ShownBreak:
    until = f"until {formats.moment(one.until)}" if one.until else "still broken"
    return ShownBreak(CHECKS[one.check].title, one_line(one.sentence), formats.moment(one.since), until)


def shown_alert(alert: Alert, formats: Formats) -> ShownAlert:
    roads = [
        f"{road}: {_SENDING[SendingState(alert['roads'][road]['state'])]}" for road in Road if road in alert["roads"]
    ]
    return ShownAlert(formats.moment(alert["at"]), subject_of(alert), roads or ["no road is set up"])
