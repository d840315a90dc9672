"""Causes of the error inbox in words."""

from dataclasses import dataclass
from datetime import datetime

from contracts.errors import EXPLANATIONS, ErrorCode
from contracts.inbox import CUSTOM_EVENT, FailedStatus
from repairs.shop_rules import Action
from report_app.formats import Formats
from report_app.reading.inbox import Cause

_LABELS = (
    (FailedStatus.PARKED, "Waiting for you"),
    (FailedStatus.WAITING, "Waiting for the next try"),
    (FailedStatus.REPAIRING, "On their way again"),
    (FailedStatus.REPAIRED, "Repaired and counted"),
    (FailedStatus.DROPPED, "Dropped"),
)


@dataclass(frozen=True, slots=True)
class ShownCause:
    """`where` names event and field; `counts` leave out what is zero; `decided` says what a person asked for."""

    id: str
    code: str
    sentence: str
    fix: str
    where: str
    waiting: str
    is_open: bool
    counts: tuple[tuple[str, str], ...]
    seen: str
    counted: str
    decided: str
    outcome: str
    has_rule: bool


def shown_cause(cause: Cause, formats: Formats) -> ShownCause:
    sentence, fix = explained(cause.code)
    return ShownCause(
        id=cause.id,
        code=cause.code,
        sentence=sentence,
        fix=fix,
        where=_where(cause),
        waiting=formats.count(cause.waiting),
        is_open=cause.waiting > 0,
        counts=tuple(
            (label, formats.count(cause.by_status[status])) for status, label in _LABELS if cause.by_status[status]
        ),
        seen=_seen(cause, formats),
        counted=formats.count(cause.counted) if cause.counted else "",
        decided=_decided(cause, formats),
        outcome=_outcome(cause, formats),
        has_rule=bool(cause.rule and cause.rule["is_active"]),
    )


def explained(code: str) -> tuple[str, str]:
    try:
        explanation = EXPLANATIONS[ErrorCode(code)]
    except ValueError:
        return "A code that this version of the app does not know.", ""
    return explanation.sentence, explanation.fix


def _where(cause: Cause) -> str:
    event = "Custom events" if cause.event == CUSTOM_EVENT else cause.event
    return " · ".join(part for part in (event, cause.field) if part)


def _seen(cause: Cause, formats: Formats) -> str:
    first, last = _moment(cause.first_seen, formats), _moment(cause.last_seen, formats)
    return first if first == last else f"{first} – {last}"


def _moment(text: str, formats: Formats) -> str:
    return formats.moment(datetime.fromisoformat(text)) if text else "unknown"


def _decided(cause: Cause, formats: Formats) -> str:
    if cause.rule is None:
        return ""
    return (
        f"{rule_words(cause.rule['rule'])} Decided by {cause.rule['made_by']}, {formats.moment(cause.rule['made_at'])}."
    )


def rule_words(rule: dict[str, str] | None) -> str:
    if rule is None:
        return "Send again as they are."
    words = {
        Action.SET_FIELD: "Set {field} to “{to}”.",
        Action.MAP_FIELD: "Take {field} as {to}.",
        Action.MAP_EVENT: "Take the event “{field}” as “{to}”.",
        Action.DROP: "Drop them.",
    }
    return words[Action(rule["action"])].format(**rule)


def _outcome(cause: Cause, formats: Formats) -> str:
    replay = (cause.rule or {}).get("replay")
    if not replay:
        return ""
    if replay["state"] == "asked":
        return "Asked for; it is carried out within seconds."
    done = formats.moment(replay["done_at"])
    if "dropped" in replay:
        return f"Carried out {done}: {formats.count(replay['dropped'])} dropped."
    unfit = f", {formats.count(replay['unfit'])} did not fit" if replay["unfit"] else ""
    return f"Carried out {done}: {formats.count(replay['sent'])} sent again{unfit}."
