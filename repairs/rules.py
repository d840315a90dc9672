"""The built-in rules: which errors each is for, what it does, and how people are told.

`RULES_VERSION` is raised whenever a rule is added or decides differently: it stands in every repaired envelope.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.errors import ErrorCode
from repairs.amounts import plain_quantity, without_currency, without_separators
from repairs.json_text import Message
from repairs.names import currency_code, event_name, message_type, order_id
from repairs.shapes import message_from_text, products_as_list, properties_as_object
from repairs.times import readable_time

RULES_VERSION = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """`repaired` answers None where the rule cannot decide; the message it is given stays as it is.

    It keeps everything that the rule is not about, in its order.
    """

    name: str
    codes: frozenset[ErrorCode]
    repaired: Callable[[Any, str | None], Message | None]
    sentence: str


@dataclass(frozen=True, slots=True)
class Repaired:
    message: Message
    rule: str


def _rule(name: str, code: ErrorCode, repaired: Callable[[Any, str | None], Message | None], sentence: str) -> Rule:
    return Rule(name, frozenset((code,)), repaired, sentence)


RULES: tuple[Rule, ...] = (
    _rule(
        "amount_with_currency", ErrorCode.BAD_AMOUNT, without_currency,
        "The currency sign was taken off an amount; it fits the message's currency, or became it.",
    ),
    _rule(
        "amount_with_separators", ErrorCode.BAD_AMOUNT, without_separators,
        "Thousands separators and a decimal comma were read, where only one reading is possible.",
    ),
    _rule(
        "quantity_with_unit", ErrorCode.BAD_QUANTITY, plain_quantity,
        "A quantity such as “2 pcs” was read as its number.",
    ),
    _rule(
        "time_in_another_format", ErrorCode.BAD_TIME, readable_time,
        "A time in another format was read, where day and month cannot be mixed up.",
    ),
    _rule(
        "currency_by_name", ErrorCode.BAD_CURRENCY, currency_code,
        "A currency's name or sign was replaced by its code.",
    ),
    _rule(
        "products_in_another_shape", ErrorCode.BAD_PRODUCTS, products_as_list,
        "A product list that was sent as text or as an object was unpacked.",
    ),
    _rule(
        "properties_in_another_shape", ErrorCode.BAD_PROPERTIES, properties_as_object,
        "Properties that were sent as text were unpacked; an empty list is no properties.",
    ),
    _rule(
        "order_id_under_another_name", ErrorCode.NO_ORDER_ID, order_id,
        "The order's id stood in a field of another name.",
    ),
    _rule(
        "event_under_another_name", ErrorCode.NO_EVENT_NAME, event_name,
        "The event's name stood in a field of another name.",
    ),
    _rule(
        "type_in_other_letters", ErrorCode.UNKNOWN_TYPE, message_type,
        "The message's type was spelt in another way, or was missing beside an event.",
    ),
    _rule(
        "message_as_text", ErrorCode.NOT_AN_OBJECT, message_from_text,
        "A message that was sent as text, or alone in a list, was unpacked.",
    ),
)  # fmt: skip


def repaired_by_rules(message: Any, code: str, field: str | None) -> Repaired | None:
    """What the first rule for the code makes of the message (a JSON value as `json_text` reads it), else None.

    Nothing in a message raises.
    """
    for rule in RULES:
        if code not in rule.codes or not (isinstance(message, dict) or code == ErrorCode.NOT_AN_OBJECT):
            continue
        found = rule.repaired(message, field)
        if found is not None and found != message:
            return Repaired(found, rule.name)
    return None


def rule_named(name: str) -> Rule | None:
    return next((rule for rule in RULES if rule.name == name), None)
