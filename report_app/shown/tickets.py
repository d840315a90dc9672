"""Tickets in words: what is not a number right now, and what is being done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.tickets import RequestKind, Ticket, TicketFailure, TicketState
from report_app.formats import Formats

_ORDER = (TicketState.FAILED, TicketState.RUNNING, TicketState.REQUESTED, TicketState.READY)
_WORDS = {
    TicketState.FAILED: "Failed",
    TicketState.RUNNING: "Running",
    TicketState.REQUESTED: "Requested",
    TicketState.READY: "Ready",
}


@dataclass(frozen=True, slots=True)
class TicketLine:
    """Tickets of one state: `word` names it, `tone` (late, note, good) colours the dot beside it."""

    state: str
    tone: str
    word: str
    sentence: str


def ticket_lines(
    tickets: Iterable[Ticket], formats: Formats, usual: timedelta | None, today: date
) -> tuple[TicketLine, ...]:
    """A line for each state that tickets are in, the worst first."""
    groups: dict[tuple[int, bool, str], list[Ticket]] = {}
    for ticket in tickets:
        is_asked = ticket["kind"] == RequestKind.ASKED
        state = TicketState(ticket["state"])
        detail = ticket["failure"] or (
            "waiting" if state is TicketState.REQUESTED and not ticket["published_at"] else ""
        )
        groups.setdefault((_ORDER.index(state), is_asked, detail), []).append(ticket)
    return tuple(
        _line(found, is_asked, detail, formats, usual, today) for (_, is_asked, detail), found in sorted(groups.items())
    )


def _line(
    tickets: list[Ticket], is_asked: bool, detail: str, formats: Formats, usual: timedelta | None, today: date
) -> TicketLine:
    state = TicketState(tickets[0]["state"])
    tone = {TicketState.FAILED: "late", TicketState.READY: "good"}.get(state, "note")
    days = sorted({date.fromisoformat(ticket["day"]) for ticket in tickets})
    named = f"Numbers of {_days(days, formats, today)}"
    what = f"{named} were asked for again." if is_asked else f"{named} were damaged or missing."
    sentence = _outcome(state, tickets, detail, formats, usual)
    return TicketLine(str(state), tone, _WORDS[state], f"{what} {sentence}")


def _outcome(state: TicketState, tickets: list[Ticket], detail: str, formats: Formats, usual: timedelta | None) -> str:
    if state is TicketState.FAILED:
        return _FAILED[TicketFailure(detail)]
    if state is TicketState.READY:
        return f"They were computed at {_time(tickets, 'ready_at', formats)}, and this page shows them in a moment."
    if detail:
        return "The request could not be handed over yet; this page tries again by itself."
    asked = f"Requested at {_time(tickets, 'published_at', formats)}; {_estimate(usual)}."
    if state is TicketState.RUNNING:
        return f"They are being computed since {_time(tickets, 'running_at', formats)}. {asked}"
    return asked


_FAILED = {
    TicketFailure.ATTEMPTS: "Three attempts did not bring them. What arrived is kept, and whoever runs Footfall was told. "
    "They are tried again tomorrow, or when you ask for it in the settings.",
    TicketFailure.FROZEN: "Their days are older than this shop keeps its messages, so they cannot be computed again.",
}


def _time(tickets: list[Ticket], field: str, formats: Formats) -> str:
    """The earliest of them, on the shop's clock."""
    times = [found for ticket in tickets if isinstance(found := dict(ticket)[field], datetime)]
    return formats.moment(min(times), True) if times else "an unknown time"


def _estimate(usual: timedelta | None) -> str:
    if usual is None:
        return "that usually takes less than a minute"
    seconds = usual.total_seconds()
    if seconds < 90:
        return f"that usually takes about {max(round(seconds / 10), 1) * 10} seconds"
    return f"that usually takes about {round(seconds / 60)} minutes"


def _days(days: list[date], formats: Formats, today: date) -> str:
    if len(days) == 1:
        return formats.days(days[0], days[0], today)
    between = formats.days(days[0], days[-1], today)
    is_whole = (days[-1] - days[0]).days + 1 == len(days)
    return between if is_whole else f"{formats.count(len(days))} days between {between}"
