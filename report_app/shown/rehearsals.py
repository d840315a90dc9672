"""Rehearsals in words: "+3 orders, +€120.00 net sales on Fri 20 Nov", and from what that was computed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from contracts.rehearsals import MEASURES, DayDifference, Messages, Rehearsal, RehearsalState, Result
from report_app.formats import Formats
from report_app.shown.inbox import explained, rule_words

DAYS_SHOWN = 31
_STATES = {
    RehearsalState.REQUESTED: ("note", "Requested"),
    RehearsalState.RUNNING: ("note", "Running"),
    RehearsalState.READY: ("good", "Ready"),
    RehearsalState.FAILED: ("late", "Failed"),
}


@dataclass(frozen=True, slots=True)
class ShownDay:
    """What would change on a day, and what that is made of."""

    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class ShownRehearsal:
    """`tone` colours the dot beside `word`. `rule` is what a form sends to replay; `fates` leave out what is zero."""

    digest: str
    state: str
    tone: str
    word: str
    sentence: str
    is_awaited: bool
    is_ready: bool
    rule_words: str
    rule: Mapping[str, str]
    days: tuple[ShownDay, ...]
    more_days: str
    total: str
    fates: tuple[tuple[str, str], ...]
    bound: str


def shown_rehearsal(rehearsal: Rehearsal, formats: Formats) -> ShownRehearsal:
    state = RehearsalState(rehearsal["state"])
    tone, word = _STATES[state]
    result = rehearsal["result"] if state is RehearsalState.READY else None
    days = list(reversed(result["days"])) if result else []
    return ShownRehearsal(
        digest=rehearsal["_id"].partition("/")[2],
        state=str(state),
        tone=tone,
        word=word,
        sentence=_sentence(rehearsal, state, formats),
        is_awaited=state in (RehearsalState.REQUESTED, RehearsalState.RUNNING),
        is_ready=result is not None,
        rule_words=rule_words(rehearsal["rule"]),
        rule=rehearsal["rule"] or {"action": "send_again"},
        days=tuple(_day(day, result, formats) for day in days[:DAYS_SHOWN]) if result else (),
        more_days=formats.count(len(days) - DAYS_SHOWN) if len(days) > DAYS_SHOWN else "",
        total=_total(result, formats) if result and len(days) > 1 else "",
        fates=_fates(result["messages"], formats) if result else (),
        bound=_bound(result["messages"], formats) if result else "",
    )


def _sentence(rehearsal: Rehearsal, state: RehearsalState, formats: Formats) -> str:
    asked = f"{rehearsal['asked_by']} asked at {formats.moment(rehearsal['asked_at'], True)}."
    if state is RehearsalState.FAILED:
        return f"{asked} Three attempts did not bring a result, and whoever runs Footfall was told. Ask again."
    if state is not RehearsalState.READY:
        return f"{asked} The result usually takes less than a minute, and stands here by itself."
    until = rehearsal["complete_until"]
    complete = f" with all that arrived until {formats.moment(until, True)}" if until else ""
    return f"{asked} Computed at {formats.moment(rehearsal['changed_at'], True)}{complete}. What arrives later is not in it."


def _day(day: DayDifference, result: Result, formats: Formats) -> ShownDay:
    named = formats.weekday(date.fromisoformat(day["day"]))
    return ShownDay(
        f"{_headline(day, result['currency'], formats)} on {named}", _detail(day, result["currency"], formats)
    )


def _total(result: Result, formats: Formats) -> str:
    total = Counter[str]()
    without_rate = Counter[str]()
    for day in result["days"]:
        total.update({name: amount(day, name) for name in MEASURES})
        without_rate.update(day["without_rate"])
    summed = cast(DayDifference, {**total, "without_rate": dict(sorted(without_rate.items()))})
    return f"{_headline(summed, result['currency'], formats)} in all"


def amount(day: DayDifference, name: str) -> int:
    """One of the MEASURES."""
    return cast(int, dict(day)[name])


def _headline(day: DayDifference, currency: str, formats: Formats) -> str:
    parts = [_counted(day["orders"], "order", formats)] if day["orders"] else []
    if day["net"]:
        parts.append(f"{_money(day['net'], currency, formats)} net sales")
    parts += [
        f"{_money(amount, code, formats)} without a rate" for code, amount in day["without_rate"].items() if amount
    ]
    if day["page_views"]:
        parts.append(_counted(day["page_views"], "page view", formats))
    if _has_events_only(day):
        parts.append(_counted(day["events"], "event", formats))
    return ", ".join(parts) or "No change of orders, sales and page views"


def _detail(day: DayDifference, currency: str, formats: Formats) -> str:
    parts = []
    if day["refunds"] or day["cancelled"]:
        names = (("sales", "Sales"), ("refunds", "Refunds"), ("cancelled", "Cancelled"))
        parts = [
            f"{label} {_money(amount(day, name), currency, formats)}" for name, label in names if amount(day, name)
        ]
    if day["events"] and not _has_events_only(day):
        parts.append(_counted(day["events"], "event", formats))
    return " · ".join(parts)


def _has_events_only(day: DayDifference) -> bool:
    """The headline says them already."""
    others = (day["orders"], day["net"], day["page_views"], *day["without_rate"].values())
    return bool(day["events"]) and not any(others)


def _fates(messages: Messages, formats: Formats) -> tuple[tuple[str, str], ...]:
    found = [
        ("Would count", messages["counted"]),
        ("Copies of messages that count already", messages["copies"]),
        ("From bots", messages["bots"]),
        *((f"Would be rejected again: {explained(code)[0]}", n) for code, n in sorted(messages["rejected"].items())),
        ("Stay, since the rule does not fit them", messages["unfit"]),
        ("Would be dropped", messages["dropped"]),
    ]
    return tuple((label, formats.count(count)) for label, count in found if count)


def _bound(messages: Messages, formats: Formats) -> str:
    if messages["looked_at"] >= messages["waiting"]:
        return ""
    looked_at, waiting = formats.count(messages["looked_at"]), formats.count(messages["waiting"])
    return f"Only the newest {looked_at} of {waiting} messages were looked at. A replay sends all of them."


def _counted(number: int, noun: str, formats: Formats) -> str:
    return f"{_sign(number)}{formats.count(abs(number))} {noun}{'' if abs(number) == 1 else 's'}"


def _money(minor: int, currency: str, formats: Formats) -> str:
    return f"{_sign(minor)}{formats.money(abs(minor), currency)}"


def _sign(number: int) -> str:
    return "−" if number < 0 else "+" if number > 0 else ""
