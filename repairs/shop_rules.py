"""Rules that a person makes for one cause of one shop: set a field, map a field or an event's name, or drop."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from contracts.events import folded_name
from repairs.json_text import Message
from repairs.places import Change, in_lines, in_properties, renamed, text_of, value_at, with_value

VALUE_CHARACTERS = 200
_TOP = ("type", "event", "timestamp", "originalTimestamp", "userId", "anonymousId")
_NAME = r"[A-Za-z_$][\w$ -]{0,63}"
_FIELD = re.compile(rf"(?:{'|'.join(_TOP)}|properties\.{_NAME})")
_IN_LINES = re.compile(rf"properties\.products\[\]\.({_NAME})")


class Action(StrEnum):
    SET_FIELD = "set_field"
    MAP_FIELD = "map_field"
    MAP_EVENT = "map_event"
    DROP = "drop"


class BadRule(ValueError):
    """The rule cannot be made so; `field` is the part in question, the message says what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class ShopRule:
    """`field` is a place (`properties.revenue`; `properties.products[].price` for every line) or an event's name.

    `to` is the value to set, the field or the name it becomes; both are empty where the action needs none.
    """

    action: Action
    field: str = ""
    to: str = ""

    def as_document(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def read_rule(values: Mapping[str, Any]) -> ShopRule:
    """The rule that a form or a document describes; raises BadRule."""
    action = str(values.get("action", ""))
    if action not in set(Action):
        raise BadRule("action", "Choose what to do: set a field, map a field, map an event's name, or drop.")
    rule = ShopRule(Action(action), _text(values, "field"), _text(values, "to"))
    if rule.action is Action.DROP:
        return ShopRule(Action.DROP)
    _check(rule)
    return rule


def _text(values: Mapping[str, Any], name: str) -> str:
    text = str(values.get(name, "") or "").strip()
    if len(text) > VALUE_CHARACTERS or any(sign < " " or "\ud800" <= sign <= "\udfff" for sign in text):
        raise BadRule(name, f"Use at most {VALUE_CHARACTERS} characters in one line.")
    return text


def _check(rule: ShopRule) -> None:
    if not rule.to:
        raise BadRule("to", "Say what it becomes.")
    if rule.action is Action.MAP_EVENT:
        if not rule.field:
            raise BadRule("field", "Say which event's name is meant.")
        return
    lines, to_lines = _IN_LINES.fullmatch(rule.field), _IN_LINES.fullmatch(rule.to)
    if rule.action is Action.SET_FIELD:
        if not _FIELD.fullmatch(rule.field):
            raise BadRule("field", "Name a field such as properties.currency; lines cannot all get one value.")
    elif not _FIELD.fullmatch(rule.field) and not lines:
        raise BadRule("field", "Name a field such as properties.amount or properties.products[].amount.")
    elif rule.field == rule.to or bool(lines) != bool(to_lines) or not (to_lines or _FIELD.fullmatch(rule.to)):
        raise BadRule("to", "Name another field of the same object, such as properties.revenue.")


def applied(rule: ShopRule, message: Any) -> Message | None:
    """The message as the rule makes it; None where the rule does not fit it, or drops it."""
    if not isinstance(message, dict):
        return None
    if rule.action is Action.SET_FIELD:
        return _set(rule, message)
    if rule.action is Action.MAP_EVENT:
        event = message.get("event")
        is_meant = isinstance(event, str) and folded_name(event) == folded_name(rule.field)
        return with_value(message, "event", rule.to) if is_meant and event != rule.to else None
    return _mapped(rule, message) if rule.action is Action.MAP_FIELD else None


def _set(rule: ShopRule, message: Message) -> Message | None:
    return None if value_at(message, rule.field) == rule.to else _placed(message, rule.field, rule.to)


def _placed(message: Message, place: str, value: Any) -> Message | None:
    """None where properties are there and no object: what stands there would be lost."""
    properties = message.get("properties")
    if place.startswith("properties.") and properties is not None and not isinstance(properties, dict):
        return None
    return with_value(message, place, value)


def _mapped(rule: ShopRule, message: Message) -> Message | None:
    if in_line := _IN_LINES.fullmatch(rule.field):
        return in_properties(message, lambda found: in_lines(found, _renaming(in_line[1], rule.to.rpartition("].")[2])))
    value = value_at(message, rule.field)
    if text_of(value) is None and not isinstance(value, list | dict):
        return None
    if rule.field.startswith("properties.") and rule.to.startswith("properties."):
        return in_properties(message, _renaming(rule.field.partition(".")[2], rule.to.partition(".")[2]))
    return _placed(message, rule.to, value)


def _renaming(name: str, other: str) -> Change:
    return lambda found: renamed(found, name, other)
